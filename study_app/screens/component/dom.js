// Small helpers. Text is always set as text, never as HTML.
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined)
      element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

// The page's language, for its layout and for whoever reads it aloud.
function speak(language, direction) {
  Object.assign(document.documentElement, { lang: language, dir: direction });
}

function isRightToLeft(element) {
  return getComputedStyle(element).direction === "rtl";
}

// Words with their {placeholders} filled in.
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}

// Relative to the page, so that the study also works below a path of a proxy.
function pictureUrl(sha256, attempt = 0) {
  const retry = attempt ? `?again=${attempt}` : "";
  return new URL(`stimuli/${sha256}.png${retry}`, document.baseURI).href;
}

function makePicture({ sha256, alt }) {
  const image = make("img", { alt, width: 224, height: 224, decoding: "sync", draggable: "false" });
  image.dataset.sha256 = sha256;
  return image;
}
