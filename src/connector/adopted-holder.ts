import type { HolderOfSubject } from '../authority/adoption-policy.js';
import { judgeApplicationName } from './application-name.js';

/** Whom the subject of a certificate from elsewhere names: an application, by its common name. */
export const standaloneHolder: HolderOfSubject = ({ CN }) => ({
  kind: 'application',
  holder: judgeApplicationName(CN),
});
