// A board: cards are dragged between columns, and moved and opened by key.
(() => {
  const { call, register } = window.crmParts;

  class Board {
    constructor(root, owner) {
      Object.assign(this, { root, owner, dragged: null, off: new AbortController() });
      const on = (target, name, handler) => target.addEventListener(name, handler, { signal: this.off.signal });
      on(root, 'dragstart', e => {
        const card = e.target.closest?.('[data-card][draggable=true]');
        if (!card) return;
        this.dragged = card;
        e.dataTransfer.effectAllowed = 'move';
        e.dataTransfer.setData('text/plain', card.querySelector('.card-title')?.textContent ?? '');
        requestAnimationFrame(() => card.toggleAttribute('data-dragged', true));
      });
      on(root, 'dragover', e => {
        const column = this.dragged && e.target.closest('[data-column]');
        if (!column) return;
        e.preventDefault();
        e.dataTransfer.dropEffect = 'move';
        this.aim(column);
      });
      on(root, 'drop', e => {
        const column = this.dragged && e.target.closest('[data-column]');
        if (!column) return;
        e.preventDefault();
        const id = this.dragged.dataset.card;
        this.end();
        call(owner, 'DropAsync', id, +column.dataset.column);
      });
      on(root, 'dragend', () => this.end());
      on(root, 'click', e => this.click(e));
      on(root, 'keydown', e => this.key(e));
    }

    aim(column) {
      for (const other of this.root.querySelectorAll('[data-aimed]')) if (other !== column) other.removeAttribute('data-aimed');
      column?.setAttribute('data-aimed', '');
    }

    end() {
      this.dragged?.removeAttribute('data-dragged');
      this.dragged = null;
      this.aim(null);
    }

    click(e) {
      const card = e.target.closest('[data-card]');
      if (!card || e.button !== 0 || e.ctrlKey || e.metaKey || e.shiftKey) return;
      if (e.target.closest('[data-move]')) { call(this.owner, 'Choose', card.dataset.card); return; }
      if (e.target.closest('button, input, .board-moves, .backdrop')) return;
      e.preventDefault();
      call(this.owner, 'PeekAsync', card.dataset.card);
    }

    key(e) {
      const card = e.target.closest('[data-card]');
      if (!card || e.altKey || e.ctrlKey || e.metaKey || e.target.closest('.board-moves')) {
        if (e.key === 'Escape' && e.target.closest('.board-moves')) { call(this.owner, 'Choose', card.dataset.card); this.focusCard(card); }
        return;
      }
      const columns = [...this.root.querySelectorAll('[data-column]')];
      const at = columns.indexOf(card.closest('[data-column]'));
      const cards = [...card.closest('[data-column]').querySelectorAll('[data-card]')];
      const place = cards.indexOf(card);
      if (e.shiftKey && (e.key === 'ArrowLeft' || e.key === 'ArrowRight')) call(this.owner, 'StepAsync', card.dataset.card, e.key === 'ArrowRight' ? 1 : -1);
      else if (e.key === 'ArrowDown' || e.key === 'j') this.focusCard(cards[place + 1]);
      else if (e.key === 'ArrowUp' || e.key === 'k') this.focusCard(cards[place - 1]);
      else if (e.key === 'ArrowLeft' || e.key === 'ArrowRight') {
        const step = e.key === 'ArrowRight' ? 1 : -1;
        for (let c = at + step; c >= 0 && c < columns.length; c += step) {
          const there = columns[c].querySelectorAll('[data-card]');
          if (there.length > 0) { this.focusCard(there[Math.min(place, there.length - 1)]); break; }
        }
      } else if (e.key === 'm') call(this.owner, 'Choose', card.dataset.card);
      else if (e.key === 'o') call(this.owner, 'Open', card.dataset.card);
      else return;
      e.preventDefault();
    }

    focusCard(card) { card?.querySelector('.card-title')?.focus(); }

    detach() { this.off.abort(); }

    focus(id) {
      const card = this.root.querySelector(`[data-card="${CSS.escape(id)}"]`);
      const menu = card?.querySelector('.board-moves button');
      (menu ?? card?.querySelector('.card-title'))?.focus({ preventScroll: true });
    }
  }

  register('crmBoard', Board, 'focus');
})();
