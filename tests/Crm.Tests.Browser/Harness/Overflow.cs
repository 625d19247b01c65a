using Microsoft.Playwright;

namespace Crm.Tests.Browser.Harness;

/// <summary>Whether a page is wider than its screen.</summary>
internal static class Overflow
{
    /// <summary>What sticks out, in words; null if nothing does.</summary>
    public static Task<string?> OfAsync(IPage page) => page.EvaluateAsync<string?>(
        """
        () => {
            const wide = [document.documentElement, document.body, document.querySelector('.main')].find(e => e && e.scrollWidth > e.clientWidth + 1);
            if (!wide) return null;
            const limit = wide.getBoundingClientRect().left + wide.clientWidth + 1;
            const inside = e => { for (let p = e.parentElement; p && p !== wide; p = p.parentElement) if (getComputedStyle(p).overflowX !== 'visible') return true; return false; };
            const out = [...wide.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > limit && !inside(e)).slice(-3).map(e => `${e.tagName.toLowerCase()}.${e.className}`);
            return `wider than its screen by ${wide.scrollWidth - wide.clientWidth} px: ${out.join(' | ')}`;
        }
        """);
}
