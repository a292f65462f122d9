// One of some labelled points for each picture, or for each statement below the pictures.
// view: {options, points: labels, statements: texts}; sends {"points": [3, 5, 1]}, counted from 1
controls.rate = function rate(view, { changed, log, words }) {
  const about = view.statements.length;
  const scales = (about ? view.statements : view.options).map((subject, index) => {
    const radios = view.points.map((label, point) => {
      const radio = make("input", { type: "radio", name: `scale${index}`, value: point + 1 });
      radio.addEventListener("change", () => set(index, point + 1, ""));
      return radio;
    });
    const name = about ? subject : makeLetter(subject);
    const legend = make("legend", about ? {} : { "aria-label": subject.alt }, name);
    const labels = view.points.map((label, point) => make("label", { class: "point" }, radios[point], label));
    const fields = make("fieldset", { class: about ? "card scale" : "scale" }, legend, make("div", { class: "points" }, ...labels));
    return { radios, fields, letter: about ? "" : subject.letter.toLowerCase() };
  });
  const set = (index, point, how) => {
    log(`${how}rate`, [index + 1, point]);
    changed();
  };
  const chosen = (scale) => scale.radios.findIndex((radio) => radio.checked) + 1;
  const open = () => scales.find((scale) => !chosen(scale));
  const enter = (scale) => (scale.radios.find((radio) => radio.checked) || scale.radios[0]).focus();

  const cards = about
    ? [makeShown(view.options), make("div", { class: "statements" }, ...scales.map((scale) => scale.fields))]
    : [make("div", { class: "cards" }, ...view.options.map((option, index) => makeCard(option, scales[index].fields)))];
  return {
    element: make("div", { class: "answers rate" }, ...cards.filter(Boolean)),
    columns: Math.max(view.options.length, 2),
    help: [
      fill(words.rate_choose_keys, { last: Math.min(view.points.length, 9) }),
      ...(about ? [] : [fill(words.rate_go_keys, { letters: lettersOf(view.options) })]),
    ],
    value: () => ({ points: scales.map((scale) => chosen(scale) || null) }),
    restore: (answer) => answer.points.forEach((point, index) => (scales[index].radios[point - 1].checked = true)),
    lock: (locked) => scales.forEach((scale) => scale.radios.forEach((radio) => (radio.disabled = locked))),
    problem: () => {
      if (!open()) return "";
      enter(open());
      return words.rate_missing;
    },
    key: (key) => {
      const called = scales.find((scale) => scale.letter === key);
      if (called) {
        enter(called);
        return true;
      }
      const active = scales[0].fields.getRootNode().activeElement;
      const scale = scales.find((candidate) => candidate.fields.contains(active)) || open();
      const radio = scale && /^[1-9]$/.test(key) ? scale.radios[Number(key) - 1] : null;
      if (!radio) return false;
      radio.checked = true;
      set(scales.indexOf(scale), Number(key), "key");
      enter(open() || scale);
      return true;
    },
  };
};
