import { CallFailed } from '../../../../lib/flow/index.ts'

/** The whole body of an answer; one that is over the bound is dropped and is a bad answer. */
export async function readText(response: Response, bytesMax: number): Promise<string> {
  if (response.body === null) return ''
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength
    // Leaving the loop cancels the body, so that the rest is never sent.
    if (bytes > bytesMax) throw new CallFailed({ tag: 'badAnswer', detail: 'over 256 KB' })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
