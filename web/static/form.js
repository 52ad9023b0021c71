// Fills in what the browser knows and nobody should have to look up: the
// reader's time zone, and the names of the others. The form works without this.
"use strict";

(function () {
  var field = document.querySelector("#field-time_zone");
  if (!field) return;
  var own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  // What somebody chose, or the browser kept over a reload, stays.
  if (own && field.hasAttribute("data-guess") && field.value === field.defaultValue) field.value = own;
  var names = document.querySelector("#zones");
  if (names.options.length || !Intl.supportedValuesOf) return;
  Intl.supportedValuesOf("timeZone").forEach(function (name) {
    names.appendChild(document.createElement("option")).value = name;
  });
})();
