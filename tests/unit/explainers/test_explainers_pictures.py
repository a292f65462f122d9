"""Ready-made pictures: one pass over the CSV file and every picture in it."""

import io

import numpy as np
import pytest
from PIL import Image

from explainers.building.pictures import open_picture, png_bytes, read_pictures
from explainers.problems import Problems

HEADER = "face,model,method,target,file\n"


def picture(path, size=(20, 20), mode="RGB"):
    pixels = np.random.default_rng(size[0]).integers(0, 255, (size[1], size[0], 3), np.uint8)
    Image.fromarray(pixels).convert(mode).save(path)


def read(tmp_path, rows, header=HEADER):
    (tmp_path / "p.csv").write_text(header + rows)
    return read_pictures(tmp_path / "p.csv", ["f01", "f02"], ["age"], ["saliency", "shap"])


def problems(tmp_path, rows, header=HEADER):
    with pytest.raises(Problems) as caught:
        read(tmp_path, rows, header)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("separator", [",", ";", ", "])
def test_pictures_are_read(tmp_path, separator):
    picture(tmp_path / "a.png")
    picture(tmp_path / "b.jpg")
    header = HEADER.replace(",", separator)
    rows = "f01,age,saliency,40s,a.png\n,age,shap,40s,b.jpg\n".replace(",", separator)
    first, second = read(tmp_path, rows, header)
    assert (first.face, first.target, first.width) == ("f01", "40s", 20)
    assert second.face == ""
    assert len(first.sha256) == 64


def test_columns_may_stand_in_any_order_beside_others(tmp_path):
    picture(tmp_path / "a.png")
    (found,) = read(
        tmp_path, "x,a.png,40s,saliency,age,f01\n", "note,file,target,method,model,face\n"
    )
    assert found.face == "f01"


def test_all_problems_in_one_pass(tmp_path):
    picture(tmp_path / "a.png")
    picture(tmp_path / "large.png", (30, 20))
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "cut.png").write_bytes((tmp_path / "a.png").read_bytes()[:300])
    Image.fromarray(np.zeros((20, 20), np.uint16)).save(tmp_path / "deep.png")
    found = problems(
        tmp_path,
        "f01,age,saliency,40s,a.png\n"
        "f01,age,saliency,40s,a.png\n"
        "f03,aeg,salincy,40s,a.png\n"
        "f02,age,saliency,,missing.png\n"
        "f02,age,saliency,30s,text.png\n"
        "f02,age,saliency,20s,cut.png\n"
        "f02,age,saliency,10s,deep.png\n"
        "f02,age,shap,30s,large.png\n"
        "f02,age\n",
    )
    text = "\n".join(found)
    for expected in (
        "p.csv: line 3\n  is the same face, model, method and target as line 2",
        "p.csv: line 4, face\n  unknown face 'f03'",
        "p.csv: line 4, model\n  unknown model 'aeg'\n  fix: did you mean 'age'?",
        "p.csv: line 4, method\n  unknown method 'salincy'\n  fix: did you mean 'saliency'?",
        "p.csv: line 5, target\n  is empty",
        "p.csv: line 5, file\n  there is no file 'missing.png'",
        "p.csv: line 6, file\n  'text.png' is not a picture that can be read",
        "p.csv: line 7, file\n  'cut.png' is not a picture that can be read",
        "p.csv: line 8, file\n  'deep.png' has more than 8 bits per channel",
        "large.png has 30 x 20 pixels, others 20 x 20",
        "p.csv: line 10, method\n  is empty",
    ):
        assert expected in text, f"{expected}\n--- is not in ---\n{text}"


@pytest.mark.parametrize(
    ("header", "rows", "expected"),
    [
        (
            "face,model,metod,target,file\n",
            "a,b,c,d,e\n",
            "column 'method' is missing\n  fix: did you",
        ),
        ("", "", "column 'face' is missing\n  fix: write face,model,method,target,file"),
        (HEADER, "", "lists no pictures"),
        (HEADER, "f01,age,saliency,40s,\n", "line 2, file\n  is empty"),
    ],
)
def test_a_file_that_is_not_such_a_list(tmp_path, header, rows, expected):
    assert expected in "\n".join(problems(tmp_path, rows, header))


def test_a_missing_or_foreign_file(tmp_path):
    with pytest.raises(Problems, match="is not there"):
        read_pictures(tmp_path / "none.csv", [], [], [])
    (tmp_path / "p.csv").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(Problems, match="save it as UTF-8"):
        read_pictures(tmp_path / "p.csv", [], [], [])


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "LA", "1"])
def test_pixels_are_unaltered_and_metadata_is_left_behind(tmp_path, mode):
    from PIL.PngImagePlugin import PngInfo

    path = tmp_path / "a.png"
    picture(path, mode=mode)
    with Image.open(path) as image:
        info = PngInfo()
        info.add_text("method", "occlusion")
        image.save(path, pnginfo=info)
        expected = np.asarray(image.convert("RGBA"))
    content = png_bytes(open_picture(path))
    with Image.open(io.BytesIO(content)) as copied:
        assert copied.format == "PNG"
        assert "method" not in copied.info
        assert np.array_equal(np.asarray(copied.convert("RGBA")), expected)
    assert png_bytes(open_picture(path)) == content


def test_a_photograph_is_turned_upright(tmp_path):
    image = Image.new("RGB", (10, 20))
    exif = Image.Exif()
    exif[0x0112] = 6
    image.save(tmp_path / "a.jpg", exif=exif)
    assert open_picture(tmp_path / "a.jpg").size == (20, 10)
