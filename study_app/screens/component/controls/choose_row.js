// Choose one of some rows of pictures, then write one word for it. Text stays text, never HTML.
// view: {options, label, most}; sends {"chosen": [2], "word": "eyes"}
controls.choose_row = function chooseRow(view, { changed, log, words }) {
  const rows = view.options.map((option, index) => {
    const radio = make("input", { type: "radio", name: "row", value: option.position, "aria-label": option.alt });
    // On a phone the two halves of a row stand one below the other, large enough to see.
    const halves = ["left", "right"].map((side) => {
      const half = makePicture({ ...option, alt: side === "left" ? option.alt : "" });
      half.className = side;
      return half;
    });
    const label = make("label", { class: "card row" }, make("span", { class: "choice" }, radio, makeLetter(option)),
      make("span", { class: "halves" }, ...halves));
    radio.addEventListener("change", () => choose(radio, ""));
    return { radio, label, keys: [String(index + 1), option.letter.toLowerCase()] };
  });
  const input = make("input", { type: "text", autocomplete: "off", dir: "auto", "aria-describedby": "row-hint" });
  input.addEventListener("input", changed);
  input.addEventListener("change", () => log("write", [...word()].length));
  const field = make("label", { class: "field" }, make("span", {}, view.label), input,
    make("span", { class: "hint", id: "row-hint" }, words.choose_row_hint));

  const chosen = () => rows.filter(({ radio }) => radio.checked).map(({ radio }) => Number(radio.value));
  const choose = (radio, how) => {
    log(`${how}+`, Number(radio.value));
    changed();
  };
  const word = () => input.value.normalize("NFC").trim();
  const wrong = () => {
    if (!/^(?=.*\p{L})[\p{L}\p{M}\p{N}\-'’·\u200c\u200d]+$/u.test(word())) return words.choose_row_word;
    return [...word()].length > view.most ? fill(words.choose_row_long_word, view) : "";
  };
  return {
    element: make("div", { class: "answers choose-row" }, ...rows.map(({ label }) => label), field),
    columns: 1,
    draft: true,
    help: [fill(words.choose_row_keys, { letters: lettersOf(view.options) }), words.choose_row_field_keys],
    value: () => ({ chosen: chosen(), word: input.value }),
    restore: (answer) => {
      rows.forEach(({ radio }) => (radio.checked = answer.chosen.includes(Number(radio.value))));
      input.value = answer.word;
    },
    mark: (position, text) => markCard(rows.find(({ radio }) => Number(radio.value) === position)?.label, text),
    lock: (locked) => [input, ...rows.map(({ radio }) => radio)].forEach((one) => (one.disabled = locked)),
    problem: () => {
      if (!chosen().length) {
        rows[0].radio.focus();
        return words.choose_row_missing;
      }
      if (wrong()) input.focus();
      return wrong();
    },
    key: (key) => {
      if (key === "t") {
        input.focus();
        return true;
      }
      const row = rows.find(({ keys }) => keys.includes(key));
      if (!row) return false;
      row.radio.checked = true;
      choose(row.radio, "key");
      return true;
    },
  };
};
