// Tick any of the offered pictures, or "none of them", which excludes the others.
controls.choose = function choose(view, { changed, log }) {
  const cards = view.options.map((option, index) => {
    const box = make("input", { type: "checkbox", name: "option", value: option.position });
    const letter = make("span", { class: "letter" }, option.letter);
    const label = make("label", { class: "card" }, makePicture(option),
      make("span", { class: "choice" }, box, letter));
    box.setAttribute("aria-label", option.alt);
    return { box, label, position: option.position, keys: [String(index + 1), option.letter.toLowerCase()] };
  });
  const noneBox = view.none ? make("input", { type: "checkbox", name: "none" }) : null;
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

  const last = cards.length;
  const letters = `${cards[0].keys[1].toUpperCase()}–${cards[last - 1].keys[1].toUpperCase()}`;
  return {
    element: make("div", { class: "choose" }, make("div", { class: "cards" }, ...cards.map((c) => c.label)), noneLabel),
    columns: cards.length,
    help: `1–${last} or ${letters} tick an explanation${noneBox ? ", 0 none of them" : ""}`,
    value: () => ({ chosen: ticked(), none: Boolean(noneBox && noneBox.checked) }),
    restore: (answer) => {
      cards.forEach((card) => (card.box.checked = answer.chosen.includes(card.position)));
      if (noneBox) noneBox.checked = answer.none;
    },
    lock: (locked) => boxes.forEach((box) => (box.disabled = locked)),
    problem: () => {
      const count = ticked().length;
      if (noneBox && noneBox.checked) return "";
      if (count < view.min || (count === 0 && noneBox))
        return noneBox
          ? `Please tick ${view.min > 1 ? `at least ${view.min}` : "at least one"}, or “${view.none}”.`
          : `Please tick at least ${view.min}.`;
      return count > view.max ? `Please tick at most ${view.max}.` : "";
    },
    key: (key) => {
      const card = cards.find((candidate) => candidate.keys.includes(key));
      const box = card ? card.box : key === "0" || key === "n" ? noneBox : null;
      if (!box || box.disabled) return false;
      box.checked = !box.checked;
      tick(box, "key");
      return true;
    },
  };
};
