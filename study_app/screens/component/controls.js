// Ways to answer, one file each in controls/: `controls.<type>(view, {changed, log, words})` returns
//   element, columns   what is shown beside the face, and how many faces wide it is
//   help               what the keys do, a few words each
//   value(), restore(answer), lock(locked)
//   problem()          what is missing, in words; "" when the answer is complete
//   mark(position, text)  shows that this option is right; only where one can be
//   draft              true if an unfinished value() is worth keeping over a reload
//   key(key)           whether it used a pressed key; keys typed into a field do not come here
// `words` are those of the participant's language whose keys begin with the type: `<type>_…`.
const controls = {};

// An explanation with what belongs to it below: a choice, a scale, a slider, a field.
function makeCard(option, ...below) {
  return make("div", { class: "card" }, makePicture(option), ...below);
}

// Explanations that are only looked at.
function makeShown(options) {
  if (!options.length) return null;
  return make("div", { class: "cards" },
    ...options.map((option) => makeCard(option, make("div", { class: "choice" }, makeLetter(option)))));
}

function markCard(card, text) {
  card?.append(make("span", { class: "mark" }, `✓ ${text}`));
  card?.classList.add("marked");
}

function makeLetter(option) {
  return make("span", { class: "letter" }, option.letter);
}

function lettersOf(options) {
  return options.length > 1 ? `${options[0].letter}–${options[options.length - 1].letter}` : options[0].letter;
}
