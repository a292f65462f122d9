// The answer on its way: kept in this tab's storage and sent again until the server has moved on,
// so that it survives a lost connection, a restarted server and a reload.
// `send(pending, tries)` resolves to true once the server's reply is dealt with; `onTry(tries)`.
const OUTBOX = "whyface:answer:";
const DRAFT = "whyface:draft:"; // what is typed but not sent yet survives a reload

function makeAttempt() {
  return Math.random().toString(36).slice(2);
}

function forgetAnswers(except) {
  for (const key of Object.keys(sessionStorage)) {
    const [kind, token] = [key.slice(0, key.lastIndexOf(":") + 1), key.slice(key.lastIndexOf(":") + 1)];
    if ([OUTBOX, DRAFT].includes(kind) && token !== except) sessionStorage.removeItem(key);
  }
}

function makeOutbox(token, send, onTry) {
  const key = OUTBOX + token;
  let tries = 0;
  let timer = null;
  let stopped = false;
  forgetAnswers(token); // the server shows another trial: it has what was sent before
  const read = (name) => {
    try {
      return JSON.parse(sessionStorage.getItem(name));
    } catch (error) {
      sessionStorage.removeItem(name);
      return null;
    }
  };
  const keep = (name, value) => {
    try {
      sessionStorage.setItem(name, JSON.stringify(value));
    } catch (error) {
      // Storage is full or forbidden: it still waits in memory.
    }
  };
  let pending = read(key);

  const push = async () => {
    clearTimeout(timer);
    tries += 1;
    onTry(tries);
    const done = await send(pending, tries);
    if (!done && !stopped && pending) timer = setTimeout(push, Math.min(8000, 1000 + 1000 * tries));
  };
  return {
    pending: () => pending,
    draft: () => read(DRAFT + token),
    sketch: (value) => keep(DRAFT + token, value),
    put: (payload) => {
      pending = payload;
      keep(key, payload);
      tries = 0;
      push();
    },
    resume: () => pending && push(),
    drop: () => {
      clearTimeout(timer);
      pending = null;
      sessionStorage.removeItem(key);
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
