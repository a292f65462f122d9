// Letters and digits answer questions, and can be turned off (WCAG 2.1.4): who speaks to the computer
// types them without meaning to. They work only where the page tells of them.
const SHORTCUTS = "whyface:shortcuts";

function makeShortcuts(words, changed) {
  let on = true;
  try {
    on = sessionStorage.getItem(SHORTCUTS) !== "off";
  } catch (error) {
    // Storage is forbidden: they are on.
  }
  const draw = () => (button.textContent = on ? words.trial_keys_off : words.trial_keys_on);
  const button = make("button", {
    type: "button", class: "shortcuts",
    onclick: () => {
      on = !on;
      try {
        sessionStorage.setItem(SHORTCUTS, on ? "on" : "off");
      } catch (error) {
        // It holds for this question.
      }
      draw();
      changed();
    },
  });
  draw();
  return {
    button,
    on: () => on,
    // Whether a pressed key may answer: others than letters and digits always do.
    may: (key) => key.length > 1 || (on && button.offsetParent !== null),
  };
}
