import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { collectPages } from '../../src/cli/collect-pages.js';

it('a list is its first rows, however it comes in pages', async () => {
  const pages = fc.array(fc.array(fc.integer(), { maxLength: 4 }), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(pages, fc.integer({ min: 1, max: 20 }), async (all, limit) => {
      const asked: (string | undefined)[] = [];
      const fetchPage = (cursor: string | undefined) => {
        asked.push(cursor);
        const at = Number(cursor ?? 0);
        const next = at + 1 < all.length ? String(at + 1) : null;
        return Promise.resolve({ rows: all[at] ?? [], next });
      };
      const { rows, hasMore } = await collectPages(fetchPage, limit);
      expect(rows).toEqual(all.flat().slice(0, limit));
      expect(new Set(asked).size).toBe(asked.length);
      if (all.flat().length > limit) expect(hasMore).toBe(true);
      if (asked.length === all.length) expect(hasMore).toBe(all.flat().length > limit);
    }),
  );
});
