# irace asks for solves over a socket.
# Arguments: port, file of the space, budget in CPU seconds, number of instances, time limit, seed.
library(irace)
given <- commandArgs(trailingOnly = TRUE)
rows <- strsplit(readLines(given[2]), "\t")

row_text <- function(row) {
  kind <- strsplit(row[3 - 1], ",")[[1]]
  domain <- row[3]
  type <- paste(kind, collapse = ",")
  text <- sprintf('%s "" %s (%s)', row[1], type, domain)
  if (length(row) > 4 && nzchar(row[5])) {
    parts <- strsplit(row[5], "=")[[1]]
    values <- paste(sprintf('"%s"', strsplit(parts[2], ",")[[1]]), collapse = ", ")
    text <- sprintf("%s | %s %%in%% c(%s)", text, parts[1], values)
  }
  text
}
parameters <- readParameters(text = paste(vapply(rows, row_text, ""), collapse = "\n"), digits = 6)

# the solver's own setting is where irace begins
names_of <- vapply(rows, function(row) row[1], "")
defaults <- vapply(rows, function(row) row[4], "")
conditional <- vapply(rows, function(row) length(row) > 4 && nzchar(row[5]), TRUE)
writeLines(c(paste(names_of, collapse = " "), paste(defaults, collapse = " ")), "stock.txt")

connection <- socketConnection("127.0.0.1", as.integer(given[1]), blocking = TRUE, open = "r+",
                               timeout = 3600)
words_of <- function(configuration) {
  values <- unlist(lapply(configuration[1, names_of, drop = FALSE], as.character))
  kept <- !is.na(values)
  paste(sprintf("%s=%s", names_of[kept], values[kept]), collapse = " ")
}
runner <- function(experiment, scenario) {
  writeLines(sprintf("solve %s %d %s", experiment$instance, as.integer(experiment$seed),
                     words_of(experiment$configuration)), connection)
  answer <- as.numeric(strsplit(readLines(connection, 1), " ")[[1]])
  list(cost = answer[1], time = answer[2])
}
scenario <- defaultScenario(list(
  targetRunner = runner,
  instances = as.character(seq_len(as.integer(given[4])) - 1),
  trainInstancesDir = "",
  maxTime = as.numeric(given[3]),
  minMeasurableTime = 0.01,
  seed = as.integer(given[6]) + 1L,
  configurationsFile = "stock.txt",
  logFile = "",
  digits = 6
))
found <- irace(scenario, parameters)
writeLines(paste("winner", words_of(removeConfigurationsMetaData(found[1, ]))), connection)
