// Runs before the first paint: the chosen theme, or the system's, how dense the product is, and whether the navigation is folded.
(() => {
  const root = document.documentElement;
  const read = key => { try { return localStorage.getItem(key); } catch { return null; } };
  const write = (key, value) => { try { localStorage.setItem(key, value); } catch { /* private mode */ } };
  const forget = key => { try { localStorage.removeItem(key); } catch { /* private mode */ } };
  const system = matchMedia('(prefers-color-scheme: dark)');

  function apply() {
    const choice = read('crm.theme');
    const theme = choice ?? (system.matches ? 'dark' : 'light');
    root.dataset.theme = theme;
    if (choice) root.dataset.themeChoice = choice; else delete root.dataset.themeChoice;
    if (read('crm.density') === 'compact') root.dataset.density = 'compact'; else delete root.dataset.density;
    for (const sheet of document.querySelectorAll('link[data-theme-sheet]')) {
      sheet.media = sheet.dataset.themeSheet === theme ? 'all' : 'not all';
    }
  }

  apply();
  system.addEventListener('change', apply);
  if (read('crm.nav') === 'folded') root.dataset.nav = 'folded';

  window.crmTheme = {
    // What menus and the palette switch: theme:dark, density:compact, culture:en.
    act(name) {
      const [what, value] = name.split(':');
      if (what === 'theme') value === 'system' ? forget('crm.theme') : write('crm.theme', value);
      else if (what === 'density') write('crm.density', value);
      else if (what === 'culture') location.href = `/culture?language=${encodeURIComponent(value)}&returnUrl=${encodeURIComponent(location.pathname + location.search)}`;
      apply();
    },
    fold() {
      const folded = root.dataset.nav !== 'folded';
      if (folded) root.dataset.nav = 'folded'; else delete root.dataset.nav;
      write('crm.nav', folded ? 'folded' : 'open');
    },
  };
})();
