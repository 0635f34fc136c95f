import type { PlaceOfHolder } from '../authority/revoke-certificate.js';
import { serviceUserOfHolder } from './service-user.js';

/** Where the holder of a certificate on record belongs: whom holderOfServiceUser or holderOfService named. */
export const placeOfHolder: PlaceOfHolder = ({ kind, holder }) => {
  if (kind !== 'service') return serviceUserOfHolder({ kind, holder });
  const [project = '', service = ''] = holder.split('/');
  return { project, service };
};
