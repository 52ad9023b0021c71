// Shows the visitors of another site what is wrong, as long as something is.
// It builds one frame, which decides by itself when it has something to show,
// and it never throws into the page that it stands on.
(function (title, home) {
  "use strict";
  if (window.statusEmbedTest) return;

  var slide = 1000;
  var frame = null;
  var timer = 0;
  var wanted = false; // shown before there was a body to stand in
  var small = screen.width < 450;
  var src = (document.currentScript || {}).src || "";
  var cut = src.indexOf("/embed/script.js");
  var base = cut > 0 ? src.slice(0, cut) : home;
  var memory = "allclear-dismissed " + base;

  window.statusEmbedTest = safely(show);
  safely(function () {
    window.addEventListener("message", safely(listen));
    if (document.body) build();
    else document.addEventListener("DOMContentLoaded", safely(build));
  })();

  function safely(act) {
    return function (argument) {
      try {
        act(argument);
      } catch (ignored) {
        // The host's page is not ours to break.
      }
    };
  }

  function build() {
    frame = document.createElement("iframe");
    frame.title = title;
    style({
      position: "fixed", border: "none", "z-index": "9999", "box-shadow": "0 20px 32px -8px rgba(9,20,66,.25)",
      "max-width": "100vw", "max-height": "none", margin: "0", padding: "0", display: "block", opacity: "1",
      "border-radius": small ? "0" : "10px", background: "transparent", top: "auto", right: "auto",
      width: small ? "100vw" : "320px", height: small ? "20vh" : "115px",
      "min-width": "0", "min-height": "115px", bottom: small ? "0" : "60px", "color-scheme": "light dark",
    });
    park();
    frame.src = base + "/embed/frame" + (small ? "?mobile=true" : "") + "#" + dismissed().join(",");
    document.body.appendChild(frame);
    if (wanted) show();
  }

  function style(values) {
    for (var name in values) frame.style.setProperty(name, values[name], "important");
  }

  // Parked, it can be neither seen nor reached with the keyboard, and works.
  function park() {
    style({ left: "-9999px", visibility: "hidden", transition: "none", transform: away() });
  }

  function away() {
    return small ? "translateY(110%)" : "translateX(-400px)";
  }

  function still() {
    return !window.matchMedia || matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  function show() {
    wanted = true;
    if (!frame) return;
    clearTimeout(timer);
    style({ left: small ? "0" : "60px", visibility: "visible" });
    frame.getBoundingClientRect(); // the slide begins outside
    style({ transition: still() ? "none" : "transform 1s ease", transform: "none" });
  }

  function hide() {
    wanted = false;
    if (!frame) return;
    clearTimeout(timer);
    if (still()) return park();
    style({ transition: "transform 1s ease", transform: away() });
    timer = setTimeout(safely(park), slide);
  }

  function listen(event) {
    if (!frame || event.source !== frame.contentWindow || event.origin !== new URL(base).origin) return;
    var said = event.data || {};
    if (said.action === "showFrame") show();
    if (said.action === "dismissFrame") {
      if (typeof said.incident === "string" && said.incident) remember(said.incident);
      hide();
    }
  }

  // What was closed stays closed until the tab is, on every page of the site.
  function dismissed() {
    try {
      return (sessionStorage.getItem(memory) || "").split(",").filter(Boolean);
    } catch (ignored) {
      return [];
    }
  }

  function remember(incident) {
    var list = dismissed();
    if (list.indexOf(incident) < 0) list.push(incident);
    sessionStorage.setItem(memory, list.slice(-20).join(","));
  }
})("{title}", "{home}");
