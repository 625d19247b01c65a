// What the browser does by itself on a record's page: folds that are remembered, the way into an editor, Escape, copying the address.
(() => {
  const read = key => { try { return localStorage.getItem(key); } catch { return null; } };
  const write = (key, value) => { try { localStorage.setItem(key, value); } catch { /* private mode */ } };
  const keyOf = section => `crm.fold.${section.dataset.fold}`;

  const fold = section => {
    const kept = read(keyOf(section));
    if (kept) section.open = kept === 'open' || !!section.querySelector('.has-problem');
  };

  new MutationObserver(changes => {
    for (const change of changes) {
      for (const node of change.addedNodes) {
        if (!(node instanceof Element)) continue;
        if (node.matches('details[data-fold]')) fold(node);
        node.querySelectorAll('details[data-fold]').forEach(fold);
      }
    }
  }).observe(document.documentElement, { childList: true, subtree: true });

  document.addEventListener('click', event => {
    const target = event.target instanceof Element ? event.target : null;
    const section = target?.closest('summary')?.parentElement;
    if (section?.matches('details[data-fold]')) write(keyOf(section), section.open ? 'folded' : 'open');
    const copy = target?.closest('[data-copy]');
    if (copy) navigator.clipboard?.writeText(document.querySelector(copy.dataset.copy)?.textContent ?? '').catch(() => { });
    if (target?.closest('[data-copy-address]')) navigator.clipboard?.writeText(location.origin + location.pathname).catch(() => { });
  });

  // Pictures open large in place; arrows lead through those of the same row, Escape and a click beside close.
  const enlarge = (thumbs, at, back) => {
    document.querySelector('[data-lightbox]')?.remove();
    const box = document.createElement('div');
    Object.assign(box, { className: 'lightbox', tabIndex: -1 });
    box.setAttribute('role', 'dialog');
    box.setAttribute('aria-modal', 'true');
    box.setAttribute('aria-label', thumbs[at].dataset.lightboxName);
    box.dataset.lightbox = '';
    const bar = Object.assign(document.createElement('div'), { className: 'lightbox-bar' });
    const name = Object.assign(document.createElement('span'), { textContent: thumbs[at].dataset.lightboxName });
    const picture = Object.assign(document.createElement('img'), { src: thumbs[at].dataset.lightboxOpen, alt: thumbs[at].dataset.lightboxName });
    const close = () => { box.remove(); back?.focus(); };
    const go = step => enlarge(thumbs, (at + step + thumbs.length) % thumbs.length, back);
    bar.append(name);
    for (const [sign, act] of thumbs.length > 1 ? [['‹', () => go(-1)], ['›', () => go(1)], ['×', close]] : [['×', close]]) {
      bar.append(Object.assign(document.createElement('button'), { type: 'button', textContent: sign, onclick: act }));
    }
    box.append(bar, picture);
    box.addEventListener('click', event => { if (event.target === box || event.target === picture) close(); });
    box.addEventListener('keydown', event => {
      if (event.key === 'Escape') close();
      else if (event.key === 'ArrowLeft' && thumbs.length > 1) go(-1);
      else if (event.key === 'ArrowRight' && thumbs.length > 1) go(1);
      else if (event.key !== 'Tab') return;
      if (event.key !== 'Tab') { event.preventDefault(); event.stopPropagation(); }
    });
    document.body.append(box);
    bar.lastElementChild.focus();
  };

  document.addEventListener('click', event => {
    const thumb = event.target instanceof Element ? event.target.closest('[data-lightbox-open]') : null;
    if (thumb) {
      const thumbs = [...thumb.parentElement.querySelectorAll('[data-lightbox-open]')];
      enlarge(thumbs, thumbs.indexOf(thumb), thumb);
    }
  });

  // A file dropped anywhere on a panel of files is taken there.
  for (const kind of ['dragover', 'dragleave', 'drop']) {
    document.addEventListener(kind, event => {
      const panel = event.target instanceof Element ? event.target.closest('[data-drop]') : null;
      if (!panel || !event.dataTransfer?.types.includes('Files')) return;
      panel.classList.toggle('is-over', kind === 'dragover');
      if (kind === 'dragleave') return;
      event.preventDefault();
      const input = panel.querySelector('input[type=file]');
      if (kind === 'drop' && input && event.dataTransfer.files.length) {
        input.files = event.dataTransfer.files;
        input.dispatchEvent(new Event('change', { bubbles: true }));
      }
    });
  }

  // Escape belongs to what lies on top: a list of suggestions, a menu, a dialog; only then to the form.
  document.addEventListener('keydown', event => {
    if (event.key !== 'Escape' || event.defaultPrevented) return;
    if (document.querySelector('details.menu[open], [data-lightbox]') || document.querySelector('[role=combobox][aria-expanded=true]')) return;
    if ([...document.querySelectorAll('.rz-popup, .rz-datepicker-popup-container')].some(popup => popup.getClientRects().length > 0)) return;
    // In the dialog on top, else on the page: the innermost form around where one is.
    const top = [...document.querySelectorAll('.rz-dialog')].at(-1) ?? document.body;
    let way = null;
    for (let e = event.target; !way && e instanceof Element && top.contains(e); e = e.parentElement) way = e.querySelector(':scope > [data-escape]');
    way ??= top.querySelector('[data-escape]');
    // Radzen would close the dialog as well, unasked.
    if (way && top !== document.body) event.stopPropagation();
    way?.click();
  }, true);

  // What is typed into a form and not saved yet stays in the tab, whatever becomes of the server. Whoever signs out takes it along.
  const formKey = key => `crm.form.${key}`;
  window.crmForms = {
    recall(key) { try { return sessionStorage.getItem(formKey(key)); } catch { return null; } },
    keep(key, text) { try { sessionStorage.setItem(formKey(key), text); } catch { /* full, or private mode */ } },
    forget(key) { try { sessionStorage.removeItem(formKey(key)); } catch { /* private mode */ } },
  };
  document.addEventListener('submit', event => {
    if (!(event.target instanceof HTMLFormElement) || !event.target.action.endsWith('/sign-out')) return;
    try { Object.keys(sessionStorage).filter(key => key.startsWith('crm.form.')).forEach(key => sessionStorage.removeItem(key)); } catch { /* private mode */ }
  });

  window.crmRecord = {
    // Into the editor of a field that was just opened.
    enter(id) {
      const named = document.getElementById(id);
      const field = named?.closest('[data-field]') ?? named;
      const input = named?.matches('input, textarea, select, button, [tabindex]') ? named : field?.querySelector('input:not([type=hidden]), textarea, select, [contenteditable=true], [tabindex="0"]');
      input?.focus();
      if (input?.matches('input:not([type=checkbox]):not([type=radio]):not([type=file])')) input.select?.();
    },
  };
})();
