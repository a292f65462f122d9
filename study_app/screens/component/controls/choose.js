// Tick any of the offered pictures, or choose one; perhaps "none of them", which excludes the rest.
// view: {options, min, max, none: words or null, single, columns}; pictures that explain nothing
// stand in so many columns. Sends {"chosen": [1, 3], "none": false}
controls.choose = function choose(view, { changed, log, words }) {
  const single = Boolean(view.single);
  const makeBox = (value, name) =>
    make("input", { type: single ? "radio" : "checkbox", name: single ? "option" : name, value });
  const cards = view.options.map((option, index) => {
    const box = makeBox(option.position, "option");
    const label = make("label", { class: "card" }, makePicture(option),
      make("span", { class: "choice" }, box, makeLetter(option)));
    box.setAttribute("aria-label", option.alt);
    return { box, label, position: option.position, keys: [String(index + 1), option.letter.toLowerCase()] };
  });
  const noneBox = view.none ? makeBox("none", "none") : null;
  const noneLabel = noneBox
    ? make("label", { class: "card none" }, make("span", { class: "choice" }, noneBox, view.none))
    : null;
  const boxes = [...cards.map((card) => card.box), ...(noneBox ? [noneBox] : [])];

  const ticked = () => cards.filter((card) => card.box.checked).map((card) => card.position);
  const tick = (box, how) => {
    if (box === noneBox && box.checked) cards.forEach((card) => (card.box.checked = false));
    if (box !== noneBox && box.checked && noneBox) noneBox.checked = false;
    log(how + (box.checked ? "+" : "-"), box === noneBox ? "none" : Number(box.value));
    changed();
  };
  boxes.forEach((box) => box.addEventListener("change", () => tick(box, "")));

  const keys = { last: cards.length, letters: lettersOf(view.options) };
  // With a choice beside the explanations it is named, too.
  const either = (text, withOther) => (noneBox ? fill(withOther, { other: view.none }) : text);
  return {
    element: make("div", { class: "answers choose" }, make("div", { class: "cards" }, ...cards.map((c) => c.label)), noneLabel),
    columns: view.columns || cards.length,
    help: [
      fill(view.columns ? words.choose_picture_keys : single ? words.choose_one_keys : words.choose_tick_keys, keys),
      ...(noneBox ? [fill(words.choose_other_keys, { other: view.none })] : []),
    ],
    value: () => ({ chosen: ticked(), none: Boolean(noneBox && noneBox.checked) }),
    restore: (answer) => {
      cards.forEach((card) => (card.box.checked = answer.chosen.includes(card.position)));
      if (noneBox) noneBox.checked = answer.none;
    },
    mark: (position, text) => markCard(cards.find((card) => card.position === position)?.label, text),
    lock: (locked) => boxes.forEach((box) => (box.disabled = locked)),
    problem: () => {
      const count = ticked().length;
      if (noneBox && noneBox.checked) return "";
      if (single) return count ? "" : either(words.choose_one, words.choose_one_or);
      if (!count) return either(words.choose_tick, words.choose_tick_or);
      if (count < view.min) return fill(words.choose_least, { least: view.min });
      return count > view.max ? fill(words.choose_most, { most: view.max }) : "";
    },
    key: (key) => {
      const card = cards.find((candidate) => candidate.keys.includes(key));
      const box = card ? card.box : key === "0" || key === "n" ? noneBox : null;
      if (!box || box.disabled) return false;
      box.checked = single || !box.checked;
      tick(box, "key");
      return true;
    },
  };
};
