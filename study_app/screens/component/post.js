// Sends an answer by a request of its own. Resolves to the server's reply {trial | page | refused |
// retry}, or to null if it did not get there; never rejects.
async function post(participant, payload) {
  const body = JSON.stringify({ participant, ...payload });
  try {
    const response = await fetch(new URL("answer", document.baseURI), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body,
      keepalive: body.length < 30000, // arrives although the page is closed; browsers limit it
      signal: AbortSignal.timeout(10000),
    });
    const reply = await response.json();
    return reply && (reply.trial || reply.page || reply.refused || reply.retry) ? reply : null;
  } catch (error) {
    return null; // no line, no server, or somebody else's answer
  }
}
