// Put the pictures in order, the best first: drag them, use their buttons, or the keyboard.
// view: {options, best: words, worst: words}; sends {"order": positions from best to worst}
controls.arrange = function arrange(view, { changed, log, words }) {
  let moved = false; // the order of display is nobody's answer until it is changed or confirmed
  let asked = false;
  let locked = false;
  let dragged = null;
  const said = make("p", { class: "unseen", role: "status" });
  const list = make("ol", { class: "cards order" });

  const cards = view.options.map((option) => {
    const card = { option, place: make("span", { class: "place" }) };
    const button = (text, step) =>
      make("button", {
        type: "button", class: "plain", onclick: () => move(card, place(card) + step, "button"),
        "aria-label": fill(words.arrange_button, { words: text, name: option.alt }),
      }, text);
    card.handle = make("button", { type: "button", class: "plain handle" }, option.letter);
    card.buttons = [card.handle, button(words.arrange_better, -1), button(words.arrange_worse, 1)];
    card.item = make("li", { class: "card" }, card.place, makePicture(option), make("div", { class: "moves" }, ...card.buttons));
    const { item } = card;
    item.addEventListener("pointerdown", (event) => {
      const handle = event.target === card.handle;
      // A finger on the picture scrolls the page; on the letter it drags.
      if (locked || event.button || (!handle && (event.pointerType !== "mouse" || event.target.tagName === "BUTTON"))) return;
      dragged = card;
      item.setPointerCapture(event.pointerId);
    });
    item.addEventListener("pointermove", (event) => {
      if (dragged !== card) return;
      const under = list.getRootNode().elementFromPoint(event.clientX, event.clientY);
      const over = cards.findIndex((other) => other !== card && other.item.contains(under));
      if (over >= 0) move(card, over, "drag");
    });
    for (const end of ["pointerup", "pointercancel"]) item.addEventListener(end, () => (dragged = null));
    return card;
  });

  const place = (card) => cards.indexOf(card);
  const told = (text, card, index) =>
    fill(text, { name: card.option.alt, place: index + 1, count: cards.length });
  function draw(fixed) {
    // The card that moves stays in the document, or it would lose the focus and the pointer.
    const at = place(fixed);
    cards.slice(0, at).forEach((card) => list.insertBefore(card.item, fixed.item));
    cards.slice(at + 1).forEach((card) => list.append(card.item));
    cards.forEach((card, index) => {
      const end = index === 0 ? view.best : index === cards.length - 1 ? view.worst : "";
      card.place.textContent = end ? `${index + 1} · ${end}` : index + 1;
      card.handle.setAttribute("aria-label", told(words.arrange_place, card, index));
    });
  }
  function move(card, to, how) {
    if (locked) return;
    const from = place(card);
    const target = Math.max(0, Math.min(cards.length - 1, to));
    moved = true;
    if (target !== from) {
      cards.splice(target, 0, ...cards.splice(from, 1));
      draw(card);
      log(how, [card.option.position, target + 1]);
    }
    said.textContent = told(words.arrange_moved, card, target);
    changed();
  }
  list.append(...cards.map((card) => card.item));
  draw(cards[0]);

  return {
    element: make("div", { class: "answers arrange" }, list, said),
    columns: cards.length,
    help: [
      fill(words.arrange_take_keys, { letters: lettersOf(view.options) }),
      fill(words.arrange_move_keys, { count: cards.length }),
    ],
    value: () => ({ order: cards.map((card) => card.option.position) }),
    restore: (answer) => {
      cards.sort((a, b) => answer.order.indexOf(a.option.position) - answer.order.indexOf(b.option.position));
      moved = true;
      draw(cards[0]);
    },
    lock: (value) => {
      locked = value;
      cards.forEach((card) => card.buttons.forEach((button) => (button.disabled = value)));
    },
    problem: () => {
      if (moved || asked) return "";
      asked = true;
      return words.arrange_confirm;
    },
    key: (key) => {
      const called = cards.find((card) => card.option.letter.toLowerCase() === key);
      if (called) {
        called.handle.focus();
        return true;
      }
      const held = cards.find((card) => card.item.contains(list.getRootNode().activeElement));
      const onward = isRightToLeft(list) ? -1 : 1;
      const step = { arrowleft: -onward, arrowup: -1, arrowright: onward, arrowdown: 1 }[key];
      const to = step ? place(held) + step : Number(key) - 1;
      if (!held || !(step || (/^\d$/.test(key) && to >= 0 && to < cards.length))) return false;
      move(held, to, "key");
      return true;
    },
  };
};
