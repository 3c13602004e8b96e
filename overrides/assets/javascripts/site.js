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

// Fact check: the filters choose among claims, and the address keeps the choice. Without a script all claims are shown.
addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector(".fact-filters")
  if (!form) return
  const facts = [...document.querySelectorAll(".fact")]
  const fields = [...form.querySelectorAll("[name]")]
  const texts = new Map(facts.map((fact) => [fact, fact.textContent.toLowerCase()]))

  const read = () => {
    const asked = new URLSearchParams(location.search)
    for (const field of fields) {
      field.value = asked.get(field.name) ?? ""
      if (field.selectedIndex === -1) field.value = ""
    }
  }
  const fits = (fact, field) =>
    !field.value ||
    (field.name === "words"
      ? field.value.toLowerCase().split(/\s+/).every((word) => texts.get(fact).includes(word))
      : fact.dataset[field.name].split(" ").includes(field.value))
  const show = () => {
    let shown = 0
    for (const fact of facts) {
      const wanted = fields.every((field) => fits(fact, field))
      fact.hidden = !wanted && `#${fact.id}` !== location.hash
      shown += !fact.hidden
    }
    for (const list of document.querySelectorAll(".facts")) {
      const empty = !list.querySelector(".fact:not([hidden])")
      list.hidden = list.previousElementSibling.hidden = empty
    }
    form.querySelector(".fact-shown span").textContent = shown
  }
  const keep = () => {
    const chosen = new URLSearchParams(fields.filter((field) => field.value).map((field) => [field.name, field.value]))
    history.replaceState(history.state, "", `${location.pathname}${chosen.size ? `?${chosen}` : ""}`)
    show()
  }

  form.addEventListener("input", keep)
  form.addEventListener("submit", (event) => event.preventDefault())
  form.addEventListener("reset", () => setTimeout(keep))
  addEventListener("hashchange", show)
  addEventListener("popstate", () => (read(), show()))
  form.hidden = false
  read()
  show()
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView()
})

// Material's search takes `-word` as a word to leave out. Here it is an option of a command: search for the word.
const ask = Worker.prototype.postMessage
Worker.prototype.postMessage = function (message, ...more) {
  if (typeof message?.data === "string") message = { ...message, data: message.data.replace(/(^|\s)-+(?=\S)/g, "$1") }
  return ask.call(this, message, ...more)
}
