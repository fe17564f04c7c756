'use strict';
// Filters what stands in the page already. Without it the page is whole, and nothing is hidden.
(() => {
  const form = document.getElementById('filter');
  const shown = document.getElementById('shown');
  const none = document.getElementById('none');
  const steps = Array.from(document.querySelectorAll('.step'), (element) => ({
    element,
    action: element.dataset.action,
    mailbox: element.dataset.mailbox,
    text: element.textContent.toLowerCase(),
  }));
  if (steps.length === 0) return;

  const filter = () => {
    const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const mailbox = form.elements.mailbox.value;
    const actions = new Set(Array.from(form.querySelectorAll('[name=action]:checked'), (it) => it.value));
    let number = 0;
    for (const step of steps) {
      const fits = actions.has(step.action)
        && (mailbox === '' || step.mailbox === mailbox)
        && words.every((word) => step.text.includes(word));
      if (fits) number += 1;
      if (step.element.hidden === fits) step.element.hidden = !fits;
    }
    none.hidden = number > 0;
    shown.textContent = `${number} of ${steps.length} ${steps.length === 1 ? 'step' : 'steps'}`;
  };

  form.addEventListener('input', filter);
  form.addEventListener('submit', (event) => event.preventDefault());
  // A link to a step that the filter hides shows it again.
  window.addEventListener('hashchange', () => {
    const step = document.getElementById(location.hash.slice(1));
    if (step && step.hidden) {
      form.reset();
      filter();
      step.scrollIntoView();
    }
  });
  form.hidden = false;
  filter();
})();
