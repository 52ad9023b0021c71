// Keeps an open page true: asks every 15 seconds whether it changed, and if
// so puts the new content in place of the old. The page works without this.
"use strict";

(function () {
  var every = 15000;
  var etag = null;
  var failures = 0;
  var timer = 0;
  var live = document.querySelector(".live");
  var words = document.body.dataset;

  document.documentElement.classList.add("scripting");
  tellLocalTimes(document);
  schedule();
  document.addEventListener("visibilitychange", function () {
    if (!document.hidden) look();
  });

  function schedule() {
    clearTimeout(timer);
    timer = setTimeout(look, every + Math.random() * 1000);
  }

  function look() {
    clearTimeout(timer);
    if (document.hidden) return;
    var headers = etag ? { "If-None-Match": etag } : {};
    fetch(location.pathname + location.search, { headers: headers, cache: "no-store", credentials: "omit" })
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
        if (failures > 1) say("", false);
        failures = 0;
        if (text !== null) show(text);
      })
      .catch(function () {
        failures++;
        // One lost request is nothing; half a minute without news is.
        if (failures === 2) say(words.lost, true);
      })
      .then(schedule);
  }

  function show(text) {
    var fresh = new DOMParser().parseFromString(text, "text/html");
    var before = document.querySelector("main");
    var after = fresh.querySelector("main");
    if (!after) return;
    if (address(fresh, "link[rel=stylesheet]") !== address(document, "link[rel=stylesheet]")) {
      location.reload(); // the server brought a new design with it
      return;
    }
    tellLocalTimes(fresh);
    replace("footer", fresh);
    if (before.textContent === after.textContent) return;
    var focused = document.activeElement;
    var held = before.contains(focused) && focused.getAttribute("href");
    after = document.importNode(after, true);
    after.classList.add("fresh");
    keepForm(before, after);
    before.replaceWith(after);
    document.title = fresh.title;
    document.body.className = fresh.body.className;
    if (held) refocus(after, held);
    say(words.updated.replace("%s", spoken(after)), false);
  }

  // keepForm leaves the form as somebody is filling it in.
  function keepForm(before, after) {
    var old = before.querySelector("form.ask");
    var place = after.querySelector("form.ask");
    if (!old || !place) return;
    var focused = old.contains(document.activeElement) ? document.activeElement : null;
    place.replaceWith(old);
    if (focused) setTimeout(function () { focused.focus({ preventScroll: true }); });
  }

  // spoken is what changed in one breath: the headline, and the newest message.
  function spoken(main) {
    var parts = [".headline h1, .incident h1", ".next"].map(function (selector) {
      var found = main.querySelector(selector);
      return found ? found.textContent.trim() : "";
    });
    return parts.filter(Boolean).join(". ");
  }

  function replace(selector, fresh) {
    var before = document.querySelector(selector);
    var after = fresh.querySelector(selector);
    if (before && after) before.replaceWith(document.importNode(after, true));
  }

  function address(page, selector) {
    var found = page.querySelector(selector);
    return found ? found.getAttribute("href") : "";
  }

  function refocus(main, href) {
    main.querySelectorAll("a[href]").forEach(function (link) {
      if (link.getAttribute("href") === href && document.activeElement === document.body) link.focus();
    });
  }

  function say(text, shown) {
    live.classList.toggle("shown", shown);
    live.textContent = text;
  }

  // The page shows the company's zone; the reader's own stands in the title.
  function tellLocalTimes(page) {
    page.querySelectorAll("time[datetime*=T]").forEach(function (element) {
      var moment = new Date(element.getAttribute("datetime"));
      if (isNaN(moment)) return;
      element.title = moment.toLocaleString(document.documentElement.lang || undefined, {
        dateStyle: "medium", timeStyle: "short",
      }) + " (" + Intl.DateTimeFormat().resolvedOptions().timeZone + ")";
    });
  }
})();
