// An agent with the tools search and book, made by createReactAgent.
import { tool } from "@langchain/core/tools";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import { ChatOpenAI } from "@langchain/openai";
import { z } from "zod";

async function act(name, input) {
  const answer = await fetch(`${process.env.TOOLS_URL}/${name}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(input),
  });
  return (await answer.json()).result;
}

const search = tool((input) => act("search", input), {
  name: "search",
  description: "Searches the web.",
  schema: z.object({ query: z.string() }),
});

const book = tool((input) => act("book", input), {
  name: "book",
  description: "Books an item.",
  schema: z.object({ item: z.string() }),
});

export const agentWith = (checkpointer) =>
  createReactAgent({
    llm: new ChatOpenAI({
      model: "gpt-4o-mini",
      configuration: { baseURL: process.env.MODEL_URL },
    }),
    tools: [search, book],
    checkpointer,
  });
