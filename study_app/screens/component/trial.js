// One trial: pictures decoded before they are shown, answered by mouse, touch or keyboard.
// `data`: {participant, token, label, done, of, question, prompt, picture, control, preload, refused,
// feedback, words}; feedback {right, text, positions, answer} follows an answer in practice. With a participant, answers are posted and the replies bring the trials after the first;
// without, each is handed to the script that gave the data.
const mounted = new WeakMap();
const left = new Set(); // trials that replies have led on from: the script's data may still name them
let latest = null; // where they led

export default function ({ parentElement: root, data, setTriggerValue }) {
  const show = (given) => {
    let trial = mounted.get(root);
    if (!trial || trial.token !== given.token || trial.language !== given.language) {
      if (trial) trial.leave();
      trial = showTrial(root, given);
      mounted.set(root, trial);
    }
    trial.update(given, { trigger: setTriggerValue, next });
  };
  const next = (following) => {
    left.add(mounted.get(root).token);
    left.delete(following.token);
    latest = following;
    show(following);
  };
  show(left.has(data.token) ? latest : data);
  return () => {
    mounted.get(root)?.leave();
    mounted.delete(root);
  };
}

function showTrial(root, data) {
  const { words } = data;
  speak(data.language, data.direction);
  const clock = makeClock();
  let way = null; // {trigger, next}: how an answer leaves, and how the next trial comes
  let locked = false;
  let feedback = null; // what was right: the answer is stored, and the button leads on
  let toldAt = 0;
  let preloaded = [];

  const control = controls[data.control.type](data.control, {
    changed: () => {
      say(problem, "");
      if (control.draft) outbox.sketch(control.value());
    },
    log: clock.log,
    words,
  });
  const heading = make("h1", { tabindex: "-1" }, data.question);
  const problem = make("p", { class: "problem", role: "alert" });
  const status = make("p", { class: "status", role: "status" });
  const verdict = make("p", { class: "verdict", role: "status" });
  const button = make("button", { type: "button", class: "go", onclick: submit }, words.continue);
  const caption = make("figcaption", {}, words.trial_face);
  const face = data.picture && make("figure", { class: "card face" }, makePicture(data.picture), caption);
  const stage = make("div", { class: face ? "stage" : "stage alone" }, face, control.element);
  stage.style.setProperty("--columns", control.columns);
  const keys = make("p", { class: "keys" });
  const tellKeys = () => {
    const help = [...(shortcuts.on() && !feedback ? control.help : []), words.trial_enter];
    say(keys, fill(words.trial_keyboard, { keys: help.join(words.separator) }));
  };
  const shortcuts = makeShortcuts(words, tellKeys);
  const page = make("section", { class: "trial", "aria-label": data.label },
    make("div", { class: "progress" }, make("span", {}, data.label),
      make("progress", { max: data.of, value: data.done, "aria-label": words.trial_progress })),
    heading, make("fieldset", {}, make("legend", data.prompt ? {} : { class: "unseen" }, data.prompt || data.question), stage),
    verdict, make("div", { class: "actions" }, button, keys, shortcuts.button), problem);
  page.style.visibility = "hidden";
  root.append(page, status);

  const say = (line, text) => {
    if (line.textContent !== text) line.textContent = text;
  };
  tellKeys();
  const outbox = makeOutbox(data.token, deliver, (tries) =>
    say(status, tries < 2 ? words.trial_saving : words.trial_saving_long));
  if (control.draft && outbox.draft()) control.restore(outbox.draft());

  // Whether the answer needs no sending again.
  async function deliver(payload, tries) {
    const reply = data.participant ? await post(data.participant, payload) : null;
    // Requests do not get there (a proxy may keep them): the page's own connection perhaps does.
    if (!reply && (!data.participant || tries > 2)) way.trigger("answer", payload);
    if (!reply || reply.retry || !page.isConnected) return false;
    if (reply.refused) refuse(reply.refused);
    else if (reply.trial) way.next(reply.trial);
    else {
      outbox.drop();
      way.trigger("onward", payload.attempt);
      setTimeout(() => page.isConnected && location.reload(), 5000);
    }
    return true;
  }

  function refuse(text) {
    outbox.drop();
    lock(feedback !== null);
    button.disabled = false;
    say(status, "");
    say(problem, text);
  }

  function lock(value) {
    locked = value;
    control.lock(value);
    button.disabled = value;
  }

  // The answer stays in sight, with what is right, until the participant goes on.
  function tell() {
    if (toldAt) return;
    toldAt = performance.now();
    outbox.drop();
    if (feedback.answer) control.restore(feedback.answer);
    lock(true);
    if (control.mark) feedback.positions.forEach((position) => control.mark(position, words.trial_right_answer));
    say(status, "");
    say(verdict, feedback.text);
    tellKeys();
    verdict.classList.add(feedback.right ? "right" : "wrong");
    button.disabled = false;
    button.focus();
  }

  function goOn() {
    if (!toldAt || button.disabled || performance.now() - toldAt < 250) return;
    button.disabled = true;
    outbox.put({ trial: data.token, attempt: makeAttempt(), onward: true });
  }

  function submit() {
    if (feedback) return goOn();
    // The first moments of a page still receive the impatient clicks on the page before.
    if (locked || !clock.started() || clock.elapsed() < 250) return;
    const missing = control.problem();
    say(problem, missing);
    if (missing) return;
    lock(true);
    outbox.put({ trial: data.token, attempt: makeAttempt(), answer: control.value(), ...clock.read() });
  }

  function onKey(event) {
    const inside = root.contains(root.activeElement) || document.activeElement === document.body;
    if (!inside) return;
    const active = root.activeElement;
    const typing = active && active.matches("textarea, input[type=text]");
    if (typing && event.key !== "Tab") event.stopPropagation(); // Streamlit has shortcuts of its own
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return;
    if ((locked && !feedback) || !clock.started()) return;
    // Enter presses a button that has the focus, and is a new line in a text.
    const own = active && active.matches("button:not(.handle), textarea");
    const used = event.key === "Enter" ? !own && (submit(), true) : !locked && !typing && shortcuts.may(event.key) && control.key(event.key.toLowerCase());
    if (!used) return;
    event.preventDefault();
    event.stopPropagation();
  }
  document.addEventListener("keydown", onKey, true);

  const images = [...page.querySelectorAll("img")];
  async function load(attempt) {
    const slow = setTimeout(() => say(status, words.trial_loading), 400);
    const decoded = images.map((image) => {
      image.src = pictureUrl(image.dataset.sha256, attempt);
      return image.decode();
    });
    const failed = (await Promise.allSettled(decoded)).some((one) => one.status === "rejected");
    clearTimeout(slow);
    if (!page.isConnected) return;
    say(status, "");
    if (!failed) appear();
    else if (attempt < 2) setTimeout(() => load(attempt + 1), 700 * (attempt + 1));
    else {
      const again = make("button", { type: "button", class: "again" }, words.trial_again);
      again.addEventListener("click", () => load(attempt + 1));
      status.replaceChildren(words.trial_not_loaded, " ", again);
    }
  }

  function appear() {
    const { naturalWidth, naturalHeight } = images[0];
    if (face && naturalWidth > 1.5 * naturalHeight) { // two faces beside each other
      stage.classList.add("pair");
      caption.textContent = words.trial_two_faces;
    }
    page.style.visibility = "";
    document.querySelector('[data-testid="stMain"]')?.scrollTo(0, 0);
    heading.focus({ preventScroll: true });
    if (feedback) tell();
    clock.start(() => {
      preloaded = data.preload.map((sha256) => Object.assign(new Image(), { src: pictureUrl(sha256) }));
    });
  }
  load(0);

  return {
    token: data.token,
    language: data.language,
    update: (fresh, ways) => {
      const first = way === null;
      way = ways;
      const pending = outbox.pending();
      if (fresh.feedback && !feedback) {
        feedback = fresh.feedback;
        if (page.style.visibility === "") tell(); // else as soon as its pictures are there
      } else if (first && pending && !pending.onward) {
        control.restore(pending.answer);
        lock(true);
        outbox.resume();
      }
      if (fresh.refused && pending && fresh.refused.attempt === pending.attempt)
        refuse(fresh.refused.text);
    },
    leave: () => {
      clock.stop();
      outbox.stop();
      document.removeEventListener("keydown", onKey, true);
      preloaded = [];
      page.remove();
      status.remove();
    },
  };
}
