// The language menu leads to the same page without a script; with one, to the same heading too.
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element && event.target.closest("a[data-same-page]")
  if (link) link.hash = location.hash
})

// What scrolls sideways can be reached by keyboard: Material wraps wide tables when it starts.
addEventListener("load", () => {
  for (const wrap of document.querySelectorAll(".md-typeset__scrollwrap")) {
    if (wrap.scrollWidth > wrap.clientWidth) wrap.tabIndex = 0
  }
})
