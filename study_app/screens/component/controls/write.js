// A text, or one word, about what is shown or about each picture. Text stays text, never HTML.
// view: {options, about: "item" | "each", label, word, least, most}; sends {"texts": ["…"]}
controls.write = function write(view, { changed, log, words }) {
  const limits = view.word
    ? words.write_one_word
    : fill(view.least > 1 ? words.write_between : words.write_at_most, view);
  const makeField = (option, index) => {
    const about = option ? fill(words.write_label, { label: view.label, name: option.alt }) : view.label;
    const hint = make("span", { class: "hint", id: `hint${index}` }, limits);
    const input = make(view.word ? "input" : "textarea", {
      "aria-label": `${about}`, "aria-describedby": `hint${index}`, autocomplete: "off", dir: "auto",
      ...(view.word ? { type: "text" } : { rows: 4 }),
    });
    input.addEventListener("input", changed);
    input.addEventListener("change", () => log("write", [index + 1, length(input)]));
    const title = make("span", { "aria-hidden": "true" }, option ? make("span", { class: "letter" }, option.letter) : view.label);
    return { input, row: make("label", { class: "field" }, title, input, hint), letter: option ? option.letter.toLowerCase() : "" };
  };
  const text = (input) => input.value.normalize("NFC").trim();
  const length = (input) => [...text(input)].length; // characters as the server counts them
  const wrong = ({ input }) => {
    if (view.word && !/^(?=.*\p{L})[\p{L}\p{M}\p{N}\-'’·\u200c\u200d]+$/u.test(text(input))) return words.write_word;
    if (length(input) < view.least) return length(input) ? fill(words.write_least, view) : words.write_something;
    return length(input) > view.most ? fill(words.write_most, view) : "";
  };
  const fields = view.about === "each" ? view.options.map(makeField) : [makeField(null, 0)];
  const parts = view.about === "each"
    ? [make("div", { class: "cards" }, ...view.options.map((option, index) => makeCard(option, fields[index].row)))]
    : [makeShown(view.options), fields[0].row];
  return {
    element: make("div", { class: "answers write" }, ...parts.filter(Boolean)),
    columns: Math.max(view.options.length, 2),
    draft: true,
    help: view.about === "each"
      ? [fill(words.write_go_keys, { letters: lettersOf(view.options) })]
      : [words.write_field_keys, words.write_leave_keys],
    value: () => ({ texts: fields.map(({ input }) => input.value) }),
    restore: (answer) => answer.texts.forEach((text, index) => (fields[index].input.value = text)),
    lock: (locked) => fields.forEach(({ input }) => (input.disabled = locked)),
    problem: () => {
      const first = fields.find(wrong);
      if (first) first.input.focus();
      return first ? wrong(first) : "";
    },
    key: (key) => {
      const called = fields.find(({ letter }) => (letter || "t") === key);
      if (called) called.input.focus();
      return Boolean(called);
    },
  };
};
