// Keeps the widget's frame true, and tells the page around it when there is
// something to show. It looks every two seconds while the visitor is new to the
// page, and less often afterwards; mostly the answer is that nothing changed.
"use strict";

(function () {
  var quick = 2000;
  var calm = 10000;
  var patience = 10 * 60 * 1000;
  var slowest = 60000;

  var dismissed = location.hash.slice(1).split(",").filter(Boolean);
  var framed = window.parent !== window;
  var main = document.querySelector("main");
  var live = document.querySelector(".live");
  var close = document.querySelector(".close");
  var shown = null; // the incident, or null
  var spoken = "";
  var etag = null;
  var failures = 0;
  var since = Date.now();
  var timer = 0;

  close.hidden = !framed;
  close.addEventListener("click", dismiss);
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && framed) dismiss();
  });
  document.addEventListener("visibilitychange", function () {
    if (document.hidden) return;
    since = Date.now();
    look();
  });
  pick();
  schedule();

  // pick shows the worst that was not closed, and says so or that there is none.
  function pick() {
    var found = null;
    notices().forEach(function (notice) {
      var open = !found && dismissed.indexOf(notice.dataset.incident) < 0;
      if (open) found = notice;
      notice.hidden = !open;
    });
    var rest = document.querySelector(".rest");
    if (rest) rest.hidden = !!found;
    var id = found ? found.dataset.incident : null;
    if (id && id !== shown) tell({ action: "showFrame", incident: id });
    if (!id && shown) tell({ action: "dismissFrame" });
    shown = id;
    say(found ? found.textContent.replace(/\s+/g, " ").trim() : "");
  }

  function notices() {
    return document.querySelectorAll("[data-incident]");
  }

  function say(text) {
    if (text === spoken) return;
    spoken = text;
    // After the slide, when the frame can be heard.
    setTimeout(function () {
      live.textContent = framed ? spoken : "";
    }, 1200);
  }

  function dismiss() {
    var id = shown;
    shown = null;
    if (id) dismissed.push(id);
    tell({ action: "dismissFrame", incident: id || "" });
    pick();
  }

  function tell(message) {
    // Whoever embeds the frame may know what the page says in public.
    if (framed) window.parent.postMessage(message, "*");
  }

  function schedule() {
    clearTimeout(timer);
    var every = Date.now() - since < patience ? quick : calm;
    every = Math.min(every * Math.pow(2, failures), slowest);
    timer = setTimeout(look, every * (0.85 + Math.random() * 0.15));
  }

  function look() {
    clearTimeout(timer);
    if (document.hidden) return;
    fetch(location.pathname + location.search, { headers: etag ? { "If-None-Match": etag } : {}, cache: "no-store", credentials: "omit" })
      .then(function (response) {
        if (response.status === 304) return null;
        if (!response.ok) throw new Error(String(response.status));
        var tag = response.headers.get("ETag");
        return response.text().then(function (text) {
          etag = tag;
          return text;
        });
      })
      .then(function (text) {
        failures = 0;
        if (text !== null) replace(text);
      })
      .catch(function () {
        failures++;
      })
      .then(schedule);
  }

  function replace(text) {
    var fresh = new DOMParser().parseFromString(text, "text/html").querySelector("main");
    if (!fresh) return;
    var focused = main.contains(document.activeElement);
    fresh = document.importNode(fresh, true);
    main.replaceWith(fresh);
    main = fresh;
    pick();
    var link = main.querySelector("article:not([hidden]) a");
    if (focused && link) link.focus();
  }
})();
