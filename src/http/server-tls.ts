/** What a TLS listener presents. PEM throughout. */
export interface TlsMaterial {
  readonly key: string;
  /** The server certificate followed by its issuers. */
  readonly cert: string;
}

/** The server certificate of the listeners, which may change while they run. */
export interface ServerTls {
  current(): TlsMaterialForNode;
  onChange(apply: (material: TlsMaterialForNode) => void): void;
  replace(material: TlsMaterial): void;
}

interface TlsMaterialForNode extends TlsMaterial {
  /**
   * Empty, so no authority is named when a client certificate is asked for: then a client presents the one that it has
   * (RFC 8446 4.2.4, RFC 5246 7.4.4). Many present none where their own CA is not in the list, and with every project's
   * it would grow without end and tell everybody which projects there are.
   */
  readonly ca: [];
}

/** Holds the material and tells the listeners when it is replaced; handshakes under way keep the old one. */
export function makeServerTls(first: TlsMaterial): ServerTls {
  let material = forNode(first);
  const listeners: ((material: TlsMaterialForNode) => void)[] = [];
  return {
    current: () => material,
    onChange: (apply) => {
      listeners.push(apply);
    },
    replace: (next) => {
      material = forNode(next);
      for (const apply of listeners) apply(material);
    },
  };
}

function forNode({ key, cert }: TlsMaterial): TlsMaterialForNode {
  return { key, cert, ca: [] };
}
