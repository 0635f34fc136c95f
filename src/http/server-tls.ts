/** What a TLS listener presents and whom it hints at. PEM throughout. */
export interface TlsMaterial {
  readonly key: string;
  /** The server certificate followed by its issuers. */
  readonly cert: string;
  /** Authorities named to clients when a client certificate is asked for. */
  readonly ca: readonly string[];
}

/** The server certificate of the listeners, which may change while they run. */
export interface ServerTls {
  current(): TlsMaterialForNode;
  onChange(apply: (material: TlsMaterialForNode) => void): void;
  replace(material: TlsMaterial): void;
}

interface TlsMaterialForNode {
  readonly key: string;
  readonly cert: string;
  readonly ca: string[];
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

function forNode({ key, cert, ca }: TlsMaterial): TlsMaterialForNode {
  return { key, cert, ca: [...ca] };
}
