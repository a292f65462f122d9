"""From a study's plan to its stimuli: jobs, where they run, what is kept, what is drawn."""
