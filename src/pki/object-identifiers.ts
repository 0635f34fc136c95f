/** Object identifiers by the names that their standards give them. */
export const oids = {
  // RFC 8017, RFC 4055
  rsaEncryption: '1.2.840.113549.1.1.1',
  md2WithRSAEncryption: '1.2.840.113549.1.1.2',
  md5WithRSAEncryption: '1.2.840.113549.1.1.4',
  sha1WithRSAEncryption: '1.2.840.113549.1.1.5',
  mgf1: '1.2.840.113549.1.1.8',
  rsassaPss: '1.2.840.113549.1.1.10',
  sha256WithRSAEncryption: '1.2.840.113549.1.1.11',
  sha384WithRSAEncryption: '1.2.840.113549.1.1.12',
  sha512WithRSAEncryption: '1.2.840.113549.1.1.13',
  sha224WithRSAEncryption: '1.2.840.113549.1.1.14',
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
  // RFC 5480, RFC 5758
  ecPublicKey: '1.2.840.10045.2.1',
  p256: '1.2.840.10045.3.1.7',
  p384: '1.3.132.0.34',
  p521: '1.3.132.0.35',
  ecdsaWithSHA1: '1.2.840.10045.4.1',
  ecdsaWithSHA224: '1.2.840.10045.4.3.1',
  ecdsaWithSHA256: '1.2.840.10045.4.3.2',
  ecdsaWithSHA384: '1.2.840.10045.4.3.3',
  ecdsaWithSHA512: '1.2.840.10045.4.3.4',
  // RFC 8410
  ed25519: '1.3.101.112',
  // RFC 5280 appendix A: attributes
  commonName: '2.5.4.3',
  countryName: '2.5.4.6',
  localityName: '2.5.4.7',
  stateOrProvinceName: '2.5.4.8',
  organizationName: '2.5.4.10',
  organizationalUnitName: '2.5.4.11',
  // RFC 5280 section 4.2 and 5.2: extensions
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  cRLNumber: '2.5.29.20',
  reasonCode: '2.5.29.21',
  cRLDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
  ocspNoCheck: '1.3.6.1.5.5.7.48.1.5',
  // RFC 6960 4.2.1 and 4.4.1
  ocspBasic: '1.3.6.1.5.5.7.48.1.1',
  ocspNonce: '1.3.6.1.5.5.7.48.1.2',
  // RFC 5280 4.2.1.12 and 4.2.2.1
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
  ocsp: '1.3.6.1.5.5.7.48.1',
  caIssuers: '1.3.6.1.5.5.7.48.2',
  // RFC 5652 section 4 and 5.1
  data: '1.2.840.113549.1.7.1',
  signedData: '1.2.840.113549.1.7.2',
  // RFC 2985
  challengePassword: '1.2.840.113549.1.9.7',
  extensionRequest: '1.2.840.113549.1.9.14',
  // RFC 7292 section 4 and RFC 2985 5.5; trustedKeyUsage is Oracle's own, for trusted certificates
  encryptedData: '1.2.840.113549.1.7.6',
  pkcs8ShroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certBag: '1.2.840.113549.1.12.10.1.3',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  friendlyName: '1.2.840.113549.1.9.20',
  localKeyId: '1.2.840.113549.1.9.21',
  trustedKeyUsage: '2.16.840.1.113894.746875.1.1',
  anyExtendedKeyUsage: '2.5.29.37.0',
  // RFC 8018 appendix A to C
  pbkdf2: '1.2.840.113549.1.5.12',
  pbes2: '1.2.840.113549.1.5.13',
  hmacWithSHA256: '1.2.840.113549.2.9',
  aes256CbcPad: '2.16.840.1.101.3.4.1.42',
} as const;

/** Names for people, of identifiers that this project meets but gives no meaning to. */
const others: readonly (readonly [string, string])[] = [
  ['unstructuredName', '1.2.840.113549.1.9.2'],
  ['issuerAltName', '2.5.29.18'],
  ['nameConstraints', '2.5.29.30'],
  ['policyConstraints', '2.5.29.36'],
  ['netscapeCertType', '2.16.840.1.113730.1.1'],
  ['tlsFeature', '1.3.6.1.5.5.7.1.24'],
  ['dsa', '1.2.840.10040.4.1'],
  ['X25519', '1.3.101.110'],
  ['X448', '1.3.101.111'],
  ['Ed448', '1.3.101.113'],
  ['P-192', '1.2.840.10045.3.1.1'],
  ['P-224', '1.3.132.0.33'],
  ['secp256k1', '1.3.132.0.10'],
  ['brainpoolP256r1', '1.3.36.3.3.2.8.1.1.7'],
  ['brainpoolP384r1', '1.3.36.3.3.2.8.1.1.11'],
  ['brainpoolP512r1', '1.3.36.3.3.2.8.1.1.13'],
];

const nameByOid: ReadonlyMap<string, string> = new Map(
  [...Object.entries(oids), ...others].map(([name, oid]) => [oid, name]),
);

/** The standard's name of an identifier, or its dotted form where it is not known here. */
export function nameOfOid(dotted: string): string {
  return nameByOid.get(dotted) ?? dotted;
}
