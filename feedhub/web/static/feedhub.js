// Small comforts. Every page works without this file.
"use strict";

// Text size of an article: remembered in this browser, nowhere else.
(function () {
  const links = document.querySelectorAll("a[data-size]");
  if (!links.length) return;
  const root = document.documentElement;
  const show = function (size) {
    root.classList.toggle("large", size === "large");
    links.forEach(function (link) {
      if (link.dataset.size === size) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
  };
  let stored = null;
  try { stored = localStorage.getItem("text-size"); } catch (refused) { stored = null; }
  if (stored && !location.search.includes("size=")) show(stored);
  links.forEach(function (link) {
    link.addEventListener("click", function (event) {
      event.preventDefault();
      show(link.dataset.size);
      try { localStorage.setItem("text-size", link.dataset.size); } catch (refused) { /* then not remembered */ }
    });
  });
})();

// Copy a feed's address.
document.querySelectorAll("button[data-copies]").forEach(function (button) {
  if (!navigator.clipboard) return;
  const field = document.getElementById(button.dataset.copies);
  button.hidden = false;
  button.addEventListener("click", function () {
    navigator.clipboard.writeText(field.value).then(function () {
      button.textContent = "Copied";
      setTimeout(function () { button.textContent = "Copy"; }, 2000);
    });
  });
});

// Find a section in the directory.
(function () {
  const box = document.querySelector(".filter");
  if (!box) return;
  const field = box.querySelector("input");
  const status = box.querySelector("[role=status]");
  const nodes = Array.from(document.querySelectorAll("[data-node]")).map(function (node) {
    const name = node.querySelector(".name, h2");
    return { node: node, words: (name.textContent + " " + node.dataset.node).toLowerCase() };
  });
  box.hidden = false;
  field.addEventListener("input", function () {
    const wanted = field.value.trim().toLowerCase();
    let found = 0;
    nodes.forEach(function (entry) { entry.hit = entry.words.includes(wanted); found += entry.hit ? 1 : 0; });
    nodes.forEach(function (entry) {
      const below = nodes.some(function (other) { return other.hit && entry.node.contains(other.node); });
      entry.node.hidden = !below;
    });
    status.textContent = wanted ? found + (found === 1 ? " section" : " sections") : "";
  });
})();
