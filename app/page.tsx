// The deck: every control group, live.
export default function Page() {
  return <h1 className="p-4 text-xl">Deck</h1>;
}
