"use strict";
(function () {
  var form = document.getElementById("filter"), q = document.getElementById("q"), c = document.getElementById("c"),
    s = document.getElementById("s"), n = document.getElementById("n"), rows = Array.from(document.querySelectorAll("tr.row"));
  form.hidden = false;
  function apply() {
    var words = q.value.toLowerCase().split(/\s+/).filter(Boolean), shown = 0;
    rows.forEach(function (r) {
      var text = r.textContent.toLowerCase();
      var ok = words.every(function (w) { return text.includes(w); }) && Number(r.dataset.c) >= Number(c.value || 0) && (!s.checked || r.dataset.s === "true");
      r.classList.toggle("hidden", !ok);
      if (ok) { shown++; }
    });
    n.textContent = shown + " of " + rows.length + " entries";
  }
  form.addEventListener("input", apply);
  form.addEventListener("submit", function (e) { e.preventDefault(); });
  document.addEventListener("click", function (e) {
    var a = e.target.closest("a[href^='#']"), d = a && document.getElementById(a.getAttribute("href").slice(1));
    if (d && d.tagName === "DETAILS") { d.open = true; }
  });
  window.addEventListener("beforeprint", function () { document.querySelectorAll("details").forEach(function (d) { d.open = true; }); });
  apply();
})();
