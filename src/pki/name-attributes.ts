import { oids } from './object-identifiers.js';

/** The attributes of a subject that this project gives a meaning to, by their short names (RFC 4514 section 3). */
export type SubjectAttribute = 'CN' | 'C' | 'O' | 'OU' | 'L' | 'ST';

/** Their identifiers, in the order in which a request is compared. */
export const subjectAttributes: Readonly<Record<SubjectAttribute, string>> = {
  CN: oids.commonName,
  C: oids.countryName,
  O: oids.organizationName,
  OU: oids.organizationalUnitName,
  L: oids.localityName,
  ST: oids.stateOrProvinceName,
};

const shortNames: ReadonlyMap<string, string> = new Map([
  ...Object.entries(subjectAttributes).map(([name, oid]): [string, string] => [oid, name]),
  ['2.5.4.4', 'SN'],
  ['2.5.4.5', 'serialNumber'],
  ['2.5.4.9', 'street'],
  ['2.5.4.12', 'title'],
  ['2.5.4.17', 'postalCode'],
  ['2.5.4.42', 'GN'],
  ['0.9.2342.19200300.100.1.1', 'UID'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
  ['1.2.840.113549.1.9.1', 'emailAddress'],
]);

/** The short name of an attribute, or its dotted identifier where it has none. */
export function nameOfAttribute(oid: string): string {
  return shortNames.get(oid) ?? oid;
}
