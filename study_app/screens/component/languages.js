// A button for each language of the study, in that language.
// `data`: {current, label, choices: [{code, name, direction}]}
export default function ({ parentElement: root, data, setTriggerValue }) {
  const buttons = data.choices.map(({ code, name, direction }) =>
    make("button", {
      type: "button", lang: code, dir: direction, "aria-current": code === data.current && "true",
      onclick: () => code !== data.current && setTriggerValue("language", code),
    }, name));
  root.querySelector("nav")?.remove();
  root.append(make("nav", { "aria-label": data.label }, ...buttons));
}
