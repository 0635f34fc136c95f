/** The content of a BMPString: two bytes a letter, most significant first (X.690 8.23.7). */
export function bmpOf(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}
