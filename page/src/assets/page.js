"use strict";
// Buttons that copy a text, which take a script.
for (const button of document.querySelectorAll("button[data-copies]")) {
  const source = document.getElementById(button.dataset.copies);
  button.hidden = false;
  button.addEventListener("click", async () => {
    getSelection().selectAllChildren(source);
    // Over plain HTTP from another machine browsers have the older way alone.
    const copied = navigator.clipboard
      ? await navigator.clipboard.writeText(source.textContent).then(() => true, () => false)
      : document.execCommand("copy");
    button.textContent = copied ? "Copied" : "Selected: copy it by key";
  });
}

// Exchanges the parts of the page that changed, when the process tells that there is something else to be seen.
(() => {
  const main = document.querySelector("main[data-live]");
  if (!main || !window.EventSource) return;
  let busy = false;
  let again = false;

  // Where the focus is, in terms that hold after an exchange.
  const focused = (part) => {
    const element = document.activeElement;
    if (!element || !part.contains(element)) return null;
    const same = (other) => element.id ? other.id === element.id
      : other.tagName === element.tagName && other.getAttribute("href") === element.getAttribute("href");
    const index = [...part.querySelectorAll("*")].filter(same).indexOf(element);
    return () => [...part.querySelectorAll("*")].filter(same)[index]?.focus({ preventScroll: true });
  };

  const exchange = (next) => {
    for (const part of document.querySelectorAll("[data-part]")) {
      const other = next.getElementById(part.id);
      if (!other || other.innerHTML === part.innerHTML) continue;
      const refocus = focused(part);
      const scrolled = [...part.querySelectorAll(".scroll")].map((element) => element.scrollLeft);
      part.replaceChildren(...document.importNode(other, true).childNodes);
      part.querySelectorAll(".scroll").forEach((element, index) => { element.scrollLeft = scrolled[index] ?? 0; });
      if (refocus) refocus();
    }
  };

  const refresh = async () => {
    if (document.hidden || busy) { again = true; return; }
    busy = true;
    again = false;
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      if (answer.ok) exchange(new DOMParser().parseFromString(await answer.text(), "text/html"));
      main.dataset.state = answer.ok ? "live" : "stale";
    } catch {
      main.dataset.state = "stale";
    } finally {
      busy = false;
    }
    if (again && !document.hidden) refresh();
  };

  const source = new EventSource(main.dataset.live);
  source.onopen = () => { if (main.dataset.state === "stale") refresh(); main.dataset.state = "live"; };
  source.onmessage = refresh;
  source.onerror = () => { main.dataset.state = "stale"; };
  document.addEventListener("visibilitychange", () => { if (!document.hidden && again) refresh(); });
})();
