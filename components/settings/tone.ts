// Two short tones for an event, made by the browser: no file.

/** Up for a warning, down for something critical. */
const NOTES = { warning: [660, 880], critical: [880, 587] } as const;
const NOTE_S = 0.16;
const LOUDNESS = 0.12;

let context: AudioContext | undefined;

/** Quiet until a person has touched the page, since browsers allow no sound before. */
export function playTone(severity: keyof typeof NOTES): void {
  context ??= new AudioContext();
  const audio = context;
  if (audio.state === 'suspended') void audio.resume();
  NOTES[severity].forEach((frequency, index) => {
    const start = audio.currentTime + index * NOTE_S;
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = frequency;
    // Without the slopes each note would begin and end with a click.
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(LOUDNESS, start + 0.02);
    volume.gain.linearRampToValueAtTime(0, start + NOTE_S);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + NOTE_S);
  });
}
