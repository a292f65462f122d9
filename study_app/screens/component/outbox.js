// The answer on its way: kept in this tab's storage and sent again until the server has moved on,
// so that it survives a lost connection, a restarted server and a reload.
const OUTBOX = "whyface:answer:";

function forgetAnswers(except) {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(OUTBOX) && key !== OUTBOX + except) sessionStorage.removeItem(key);
  }
}

function makeOutbox(token, send, onTry) {
  const key = OUTBOX + token;
  let pending = null;
  let tries = 0;
  let timer = null;
  forgetAnswers(token); // the server shows another trial: it has what was sent before
  try {
    pending = JSON.parse(sessionStorage.getItem(key));
  } catch (error) {
    sessionStorage.removeItem(key);
  }

  const push = () => {
    clearTimeout(timer);
    tries += 1;
    send(pending);
    onTry(tries);
    timer = setTimeout(push, Math.min(8000, 1500 + 1500 * tries));
  };
  return {
    pending: () => pending,
    put: (payload) => {
      pending = payload;
      try {
        sessionStorage.setItem(key, JSON.stringify(payload));
      } catch (error) {
        // Storage is full or forbidden: the answer still waits in memory.
      }
      tries = 0;
      push();
    },
    resume: () => pending && push(),
    drop: () => {
      clearTimeout(timer);
      pending = null;
      sessionStorage.removeItem(key);
    },
    stop: () => clearTimeout(timer),
  };
}
