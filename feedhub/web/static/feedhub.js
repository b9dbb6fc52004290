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

// Copy a feed's address, or the code of an embedded list.
const copied = function (field) {
  if (navigator.clipboard) return navigator.clipboard.writeText(field.value);
  field.select();  // over plain http browsers have no clipboard but this
  return document.execCommand("copy") ? Promise.resolve() : Promise.reject();
};
const offerCopies = function (within) {
  within.querySelectorAll("button[data-copies]").forEach(function (button) {
    const field = document.getElementById(button.dataset.copies);
    const words = button.firstChild;
    const usual = words.textContent;
    button.hidden = false;
    button.addEventListener("click", function () {
      copied(field).then(function () {
        words.textContent = button.dataset.done;
        setTimeout(function () { words.textContent = usual; }, 2000);
      }, function () { field.select(); });
    });
  });
};
offerCopies(document);

// Choices that show their result at once: the same page is asked for, and the part that changed is put in.
document.querySelectorAll("form[data-live]").forEach(function (form) {
  let last = 0;
  const show = async function () {
    const mine = ++last;
    const chosen = new URLSearchParams(new FormData(form));
    const address = form.getAttribute("action") + "?" + chosen;
    const answer = await fetch(address);
    if (!answer.ok || mine !== last) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine !== last) return;
    const fresh = document.importNode(page.getElementById(form.dataset.live), true);
    // A script that a parser made does not run: it is made anew.
    fresh.querySelectorAll("script[src]").forEach(function (script) {
      const again = document.createElement("script");
      Array.from(script.attributes).forEach(function (one) { again.setAttribute(one.name, one.value); });
      script.replaceWith(again);
    });
    document.getElementById(form.dataset.live).replaceWith(fresh);
    offerCopies(fresh);
    history.replaceState(null, "", address);
  };
  form.addEventListener("change", function () { if (form.reportValidity()) show(); });
  form.addEventListener("submit", function (event) { event.preventDefault(); show(); });
});

// A reader that somebody runs on a server of their own: links to it, its address remembered here and nowhere else.
(function () {
  const box = document.querySelector(".own-server");
  if (!box) return;
  const field = box.querySelector("input");
  const show = function () {
    let server = null;
    try { server = new URL(field.value.trim()); } catch (unfinished) { server = null; }
    const good = server !== null && (server.protocol === "https:" || server.protocol === "http:");
    box.querySelectorAll("a[data-after]").forEach(function (link) {
      if (good) link.href = server.href.replace(/[/?#]*$/, "") + link.dataset.after;
      else link.removeAttribute("href");
    });
    if (good) try { localStorage.setItem("own-server", field.value.trim()); } catch (refused) { /* then not remembered */ }
  };
  try { field.value = localStorage.getItem("own-server") || ""; } catch (refused) { field.value = ""; }
  box.hidden = false;
  field.addEventListener("input", show);
  show();
})();

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
    status.textContent = wanted ? (found === 1 ? box.dataset.one : box.dataset.many.replace("#", found)) : "";
  });
})();
