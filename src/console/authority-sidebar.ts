import type { Page } from './page.js';

/** The two kinds of authorities. */
export function authoritySidebar(current: 'gateway' | 'projects'): Required<Page>['sidebar'] {
  return {
    title: 'Authorities',
    links: [
      { text: 'Of the gateway', href: '/authorities', isCurrent: current === 'gateway' },
      { text: 'Of projects', href: '/authorities/projects', isCurrent: current === 'projects' },
    ],
  };
}
