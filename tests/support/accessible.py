"""What WCAG 2.2 AA asks of a page, beyond and with axe, looked at in a real browser."""

from axe_playwright_python.sync_playwright import Axe

SIDEWAYS = """(() => {
    const main = document.querySelector('[data-testid="stMain"]');
    return Math.max(main.scrollWidth - main.clientWidth,
                    document.documentElement.scrollWidth - window.innerWidth);
})()"""
# Text that does not begin where lines begin, which is on the right in some languages.
BEGIN = """(() => {
    const frame = document.querySelector('[data-testid="stMainBlockContainer"]');
    const right = getComputedStyle(frame).direction === "rtl";
    const wrong = [...frame.querySelectorAll("h1, h2, h3, p, li, label")]
        .filter((e) => !e.closest("button"))
        .filter((e) => getComputedStyle(e).textAlign === (right ? "left" : "right"));
    const outside = [...frame.querySelectorAll("li")].filter((e) => {
        const box = e.getBoundingClientRect(), list = e.parentElement.getBoundingClientRect();
        return (right ? list.right - box.right : box.left - list.left) < 8; // its mark sticks out
    });
    return [...wrong, ...outside].map((e) => `${e.tagName} at the wrong side: ${e.innerText}`);
})()"""
# 2.5.8: 24 by 24 CSS pixels, but for links within a text; a label belongs to its input.
SMALL = """(() => {
    const roots = [document];
    document.querySelectorAll("*").forEach((e) => e.shadowRoot && roots.push(e.shadowRoot));
    const controls = "button, input, textarea, label, a[href], [tabindex='0']";
    return roots.flatMap((root) => [...root.querySelectorAll(controls)])
        .filter((e) => e.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
        .filter((e) => !(e.matches("input") && e.closest("label")) && !e.matches("p a"))
        .filter((e) => Math.min(e.getBoundingClientRect().width, e.getBoundingClientRect().height) < 24)
        .map((e) => e.outerHTML.slice(0, 150));
})()"""  # noqa: E501
# 2.4.7 and 2.4.11: what has the focus, whether it can be told by looking, and whether it is in
# sight: not below something that covers it.
FOCUS = """(() => {
    let e = document.activeElement;
    while (e?.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;
    if (!e || e === document.body) return null;
    const ring = (one) => {
        const style = one && getComputedStyle(one);
        const dark = one && style.outlineColor.match(/\\d+/g).slice(0, 3).every((n) => n < 120);
        return one && style.outlineStyle === "solid" && parseFloat(style.outlineWidth) >= 2 && dark;
    };
    const box = e.getBoundingClientRect();
    const x = Math.min(Math.max(box.x + box.width / 2, 1), innerWidth - 2);
    const y = Math.min(Math.max(box.y + box.height / 2, 1), innerHeight - 2);
    const there = e.getRootNode().elementFromPoint(x, y);
    const holder = e.closest("label, .card") || e;
    return {
        name: e.getAttribute("aria-label") || e.innerText || e.value || e.tagName,
        seen: [e, e.closest("label"), e.closest(".card")].some(ring),
        uncovered: there !== null && (holder.contains(there) || there.contains(e)),
    };
})()"""


def violations(page) -> list[str]:
    """What axe finds; nothing is left out."""
    return [
        f"{found['id']}: {found['help']} {[node['target'] for node in found['nodes']]}"
        for found in Axe().run(page).response["violations"]
    ]


def sideways(page) -> int:
    """How far the page could be scrolled sideways, in pixels."""
    return page.evaluate(SIDEWAYS)


def small_targets(page) -> list[str]:
    """What can be pressed and is smaller than 24 by 24 pixels."""
    return page.evaluate(SMALL)


def misplaced(page) -> list[str]:
    """Texts and lists that do not stand where lines begin."""
    return page.evaluate(BEGIN)


def tab_through(page, last: str, most: int = 40) -> list[dict]:
    """Where Tab leads from here until the control called ``last``, each as `FOCUS` tells."""
    found = []
    for _ in range(most):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUS)
        if at is None:
            break
        found.append(at)
        if at["name"].strip() == last:
            return found
    raise AssertionError(f"Tab does not lead to {last}: {[at['name'] for at in found]}")
