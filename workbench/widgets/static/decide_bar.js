// Below a grid of differences: what is to be done about the current row, or about all that are shown.

function makeDecideBar(words, send) {
  const field = (label, placeholder, className) =>
    quiet(make("input", { className, attributes: { type: "text", "aria-label": label, placeholder, spellcheck: "false" } }));
  const value = field("Value", "value, in QuickBooks' words", "wb-value");
  const reason = field("Reason", `why (without it: ${words.reason})`, "wb-reason");
  const showValue = (decision) => { value.style.display = decision === "set" ? "" : "none"; };
  const choice = makeSelect("Decision", words.decisions, words.decisions[0][0], showValue);
  const decide = (all) => send(all, { decision: choice.value, value: value.value, reason: reason.value });
  showValue(choice.value);
  return make("div", { className: "wb-bar wb-decide", attributes: { role: "group", "aria-label": "Decide" } },
    choice, value, reason,
    makeButton("Decide this row", () => decide(false), "wb-button wb-primary"),
    makeButton("Decide all shown", () => decide(true)),
  );
}
