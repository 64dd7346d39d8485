/** Clock of the run: 14:07:32, UTC. */
export function clock(epoch: string, seconds: number): string {
  return new Date(Date.parse(epoch) + seconds * 1000).toISOString().slice(11, 19)
}
