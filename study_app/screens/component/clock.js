// Time since the pictures were painted. Time with the tab hidden is measured and taken off.
function makeClock() {
  const events = [];
  let onset = null;
  let onsetWall = null;
  let hidden = 0;
  let hiddenSince = null;

  const elapsed = () => (onset === null ? 0 : performance.now() - onset);
  const hiddenSoFar = () => hidden + (hiddenSince === null ? 0 : performance.now() - hiddenSince);
  const round = (ms) => Math.round(ms * 10) / 10;

  const log = (what, value) => {
    if (onset !== null && events.length < 300) events.push([round(elapsed()), what, value]);
  };
  const watch = () => {
    if (onset === null) return;
    if (document.hidden && hiddenSince === null) {
      hiddenSince = performance.now();
      log("hidden", true);
    } else if (!document.hidden && hiddenSince !== null) {
      hidden += performance.now() - hiddenSince;
      hiddenSince = null;
      log("hidden", false);
    }
  };
  document.addEventListener("visibilitychange", watch);

  return {
    log,
    started: () => onset !== null,
    elapsed,
    // A frame callback runs before its frame is painted: the second one knows the first was shown.
    start: (then) =>
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          onset = performance.now();
          onsetWall = Date.now();
          then();
        }),
      ),
    // rt_ms is the time the participant could see the trial, hidden_ms the time they could not.
    read: () => ({
      onset: onsetWall,
      rt_ms: round(elapsed() - hiddenSoFar()),
      hidden_ms: round(hiddenSoFar()),
      viewport: [window.innerWidth, window.innerHeight],
      events,
    }),
    stop: () => document.removeEventListener("visibilitychange", watch),
  };
}
