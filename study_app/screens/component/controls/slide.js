// A slider for each picture. Its thumb appears where it is first put: nothing is set beforehand.
// view: {options, low: words, high: words, steps}; sends {"numbers": [40, 77, 12]}, from 0 to steps
controls.slide = function slide(view, { changed, log, words }) {
  const sliders = view.options.map((option, index) => {
    const input = make("input", {
      type: "range", min: 0, max: view.steps, step: 1, value: Math.floor(view.steps / 2),
      class: "unset", "aria-valuetext": words.slide_unset,
      "aria-label": fill(words.slide_label, { name: option.alt, low: view.low, high: view.high }),
    });
    const set = () => {
      if (input.disabled) return;
      input.classList.remove("unset");
      input.removeAttribute("aria-valuetext");
      changed();
    };
    input.addEventListener("input", set);
    input.addEventListener("pointerup", set); // a press on the very middle changes no value
    for (const done of ["change", "pointerup"])
      input.addEventListener(done, () => log("slide", [index + 1, Number(input.value)]));
    return { input, set, letter: option.letter.toLowerCase() };
  });
  const open = () => sliders.find((slider) => slider.input.classList.contains("unset"));
  const cards = view.options.map((option, index) =>
    makeCard(option, make("div", { class: "choice" }, makeLetter(option), sliders[index].input),
      make("div", { class: "ends", "aria-hidden": "true" }, make("span", {}, view.low), make("span", {}, view.high))));
  return {
    element: make("div", { class: "answers slide" }, make("div", { class: "cards" }, ...cards)),
    columns: Math.max(cards.length, 2),
    help: [fill(words.slide_take_keys, { letters: lettersOf(view.options) }), words.slide_move_keys],
    value: () => ({ numbers: sliders.map(({ input }) => (input.classList.contains("unset") ? null : Number(input.value))) }),
    restore: (answer) =>
      answer.numbers.forEach((number, index) => {
        sliders[index].input.value = number;
        sliders[index].set();
      }),
    lock: (locked) => sliders.forEach(({ input }) => (input.disabled = locked)),
    problem: () => {
      if (!open()) return "";
      open().input.focus();
      return words.slide_missing;
    },
    key: (key) => {
      const called = sliders.find((slider) => slider.letter === key);
      if (called) called.input.focus();
      return Boolean(called);
    },
  };
};
