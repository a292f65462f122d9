// A new page begins at its top, with its heading read aloud; a complaint is brought into sight.
const arrived = { page: null, problems: 0, pictures: [] };

export default function ({ data }) {
  speak(data.language, data.direction);
  const main = document.querySelector('[data-testid="stMain"]');
  if (!main) return;
  if (data.page !== arrived.page) {
    main.scrollTo(0, 0);
    const heading = main.querySelector("h1");
    if (heading) {
      heading.tabIndex = -1;
      heading.style.outline = "none"; // focused by us to be read aloud, not by the participant
      heading.focus({ preventScroll: true });
    }
  } else if (data.problems !== arrived.problems) {
    main.querySelector('[role="alert"]')?.scrollIntoView({ block: "center" });
  }
  arrived.page = data.page;
  arrived.problems = data.problems;
  arrived.pictures = data.preload.map((sha256) => Object.assign(new Image(), { src: pictureUrl(sha256) }));
}
