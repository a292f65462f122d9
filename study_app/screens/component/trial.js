// One trial: pictures decoded before they are shown, answered by mouse, touch or keyboard.
// `data`: {token, label, done, of, question, prompt, picture, control, preload, refused}
const mounted = new WeakMap();

export default function ({ parentElement: root, data, setTriggerValue }) {
  let trial = mounted.get(root);
  if (!trial || trial.token !== data.token) {
    if (trial) trial.leave();
    trial = showTrial(root, data);
    mounted.set(root, trial);
  }
  trial.update(data, (payload) => setTriggerValue("answer", payload));
  return () => {
    trial.leave();
    mounted.delete(root);
  };
}

function showTrial(root, data) {
  const clock = makeClock();
  let send = null;
  let locked = false;
  let preloaded = [];

  const control = controls[data.control.type](data.control, {
    changed: () => {
      say(problem, "");
      if (control.draft) outbox.sketch(control.value());
    },
    log: clock.log,
  });
  const heading = make("h1", { tabindex: "-1" }, data.question);
  const problem = make("p", { class: "problem", role: "alert" });
  const status = make("p", { class: "status", role: "status" });
  const button = make("button", { type: "button", class: "go", onclick: submit }, "Continue");
  const caption = make("figcaption", {}, "The face");
  const face = make("figure", { class: "card face" }, makePicture(data.picture), caption);
  const stage = make("div", { class: "stage" }, face, control.element);
  stage.style.setProperty("--columns", control.columns);
  const keys = make("p", { class: "keys" }, `Keyboard: ${control.help}, Enter continues.`);
  const page = make("section", { class: "trial", "aria-label": data.label },
    make("div", { class: "progress" }, make("span", {}, data.label),
      make("progress", { max: data.of, value: data.done, "aria-label": "Progress" })),
    heading, make("fieldset", {}, make("legend", {}, data.prompt), stage),
    make("div", { class: "actions" }, button, keys), problem);
  page.style.visibility = "hidden";
  root.append(page, status);

  const say = (line, text) => {
    if (line.textContent !== text) line.textContent = text;
  };
  const outbox = makeOutbox(data.token, (payload) => send(payload), (tries) =>
    say(status, tries < 2 ? "Saving your answer…" : "This takes longer than usual. Your answer is " +
      "kept in this browser and will be sent by itself. Please leave this page open."));

  if (control.draft && outbox.draft()) control.restore(outbox.draft());

  function lock(value) {
    locked = value;
    control.lock(value);
    button.disabled = value;
  }

  function submit() {
    // The first moments of a page still receive the impatient clicks on the page before.
    if (locked || !clock.started() || clock.elapsed() < 250) return;
    const missing = control.problem();
    say(problem, missing);
    if (missing) return;
    lock(true);
    const attempt = Math.random().toString(36).slice(2);
    outbox.put({ trial: data.token, attempt, answer: control.value(), ...clock.read() });
  }

  function onKey(event) {
    const inside = root.contains(root.activeElement) || document.activeElement === document.body;
    if (!inside) return;
    const active = root.activeElement;
    const typing = active && active.matches("textarea, input[type=text]");
    if (typing && event.key !== "Tab") event.stopPropagation(); // Streamlit has shortcuts of its own
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return;
    if (locked || !clock.started()) return;
    // Enter presses a button that has the focus, and is a new line in a text.
    const own = active && active.matches("button:not(.handle), textarea");
    const used = event.key === "Enter" ? !own && (submit(), true) : !typing && control.key(event.key.toLowerCase());
    if (!used) return;
    event.preventDefault();
    event.stopPropagation();
  }
  document.addEventListener("keydown", onKey, true);

  const images = [...page.querySelectorAll("img")];
  async function load(attempt) {
    const slow = setTimeout(() => say(status, "Loading the pictures…"), 400);
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
      const again = make("button", { type: "button", class: "again" }, "Try again");
      again.addEventListener("click", () => load(attempt + 1));
      status.replaceChildren("The pictures of this question could not be loaded. Nothing is lost: " +
        "please check your connection. ", again);
    }
  }

  function appear() {
    const { naturalWidth, naturalHeight } = images[0];
    if (naturalWidth > 1.5 * naturalHeight) { // two faces beside each other
      stage.classList.add("pair");
      caption.textContent = "The two faces; the explanations are about the left one";
    }
    page.style.visibility = "";
    document.querySelector('[data-testid="stMain"]')?.scrollTo(0, 0);
    heading.focus({ preventScroll: true });
    clock.start(() => {
      preloaded = data.preload.map((sha256) => Object.assign(new Image(), { src: pictureUrl(sha256) }));
    });
  }
  load(0);

  return {
    token: data.token,
    update: (fresh, sender) => {
      const first = send === null;
      send = sender;
      const pending = outbox.pending();
      if (first && pending) {
        control.restore(pending.answer);
        lock(true);
        outbox.resume();
      }
      if (!fresh.refused || !pending || fresh.refused.attempt !== pending.attempt) return;
      outbox.drop();
      lock(false);
      say(status, "");
      say(problem, fresh.refused.text);
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
