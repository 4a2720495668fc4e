// <textarea data-autosize>: grows with its text where CSS cannot do it.
if (!CSS.supports("field-sizing", "content")) {
  const fit = (area) => {
    area.style.blockSize = "auto";
    area.style.blockSize = `${area.scrollHeight + 2}px`;
  };
  document.addEventListener("input", (event) => {
    if (event.target.matches("textarea[data-autosize]")) fit(event.target);
  });
  for (const area of document.querySelectorAll("textarea[data-autosize]")) if (area.value) fit(area);
}
